// Where this browser is reached when no page of ours is open.

/**
 * Tells the server of it. Whether it knows now; if not, the address is given back.
 * @param {PushSubscription} made
 */
export async function tell(made) {
  const { endpoint, keys } = made.toJSON();
  const body = new URLSearchParams({ endpoint: endpoint ?? "", p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" });
  const answer = await fetch("/messages/push", { method: "POST", body });
  if (!answer.ok) await made.unsubscribe();
  return answer.ok;
}
