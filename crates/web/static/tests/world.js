// A small world for the tests: a server that keeps uploads in memory and fails as the script says, locks, and time.

import "fake-indexeddb/auto";
import { createHash } from "node:crypto";

/** @param {Uint8Array} bytes */
export const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A sound of so many bytes. */
export const sound = (length, seed = 7) => Uint8Array.from({ length }, (_, n) => (n * seed + (n >> 8)) & 255);

/** The protocol of `/uploads` as the server keeps it; `faults` are used up in order, one for each request that matches. */
export class Server {
  constructor() {
    this.uploads = new Map();
    this.requests = [];
    this.faults = [];
    this.fetch = (path, options = {}) => this.answer(path, options);
  }

  /** @param {string} method @param {(request: object) => Response | Promise<Response> | undefined} act */
  fail(method, act) {
    this.faults.push({ method, act });
  }

  async answer(path, { method = "GET", headers = {}, body }) {
    const request = { path, method, headers, body };
    this.requests.push(request);
    const fault = this.faults.findIndex((fault) => fault.method === method);
    if (fault >= 0) {
      const [{ act }] = this.faults.splice(fault, 1);
      const answer = await act(request);
      if (answer) return answer;
    }
    if (method === "POST") return this.announce(JSON.parse(body));
    if (method === "PATCH") return this.append(path.split("/").pop(), Number(headers["Upload-Offset"]), new Uint8Array(body));
    throw new Error(`nobody answers ${method} ${path}`);
  }

  announce({ id, size, sha256 }) {
    const known = this.uploads.get(id) ?? { bytes: new Uint8Array(), size, sha256, acknowledged: null, stored: 0 };
    this.uploads.set(id, known);
    const { acknowledged, bytes } = known;
    return Response.json({ offset: bytes.length, acknowledged, recording: acknowledged ? `r-${id}` : undefined }, { status: 201 });
  }

  append(id, offset, piece) {
    const upload = this.uploads.get(id);
    if (!upload) return new Response(null, { status: 404 });
    if (upload.bytes.length !== offset) return at(upload.bytes.length, 409);
    upload.bytes = Uint8Array.from([...upload.bytes, ...piece]);
    if (upload.bytes.length < upload.size) return at(upload.bytes.length, 204);
    if (sha(upload.bytes) !== upload.sha256) {
      upload.bytes = new Uint8Array();
      return at(0, 422);
    }
    upload.acknowledged = upload.sha256;
    upload.stored += 1;
    return Response.json({ acknowledged: upload.sha256, recording: `r-${id}` });
  }
}

const at = (offset, status) => new Response(null, { status, headers: { "Upload-Offset": String(offset) } });

/** Locks as `navigator.locks` has them, as far as we use them; exclusive, first come, first served. */
export class Locks {
  constructor() {
    this.held = new Map();
  }

  async request(name, options, work) {
    const act = work ?? options;
    if (work && options.ifAvailable && this.held.has(name)) return act(null);
    while (this.held.has(name)) await this.held.get(name);
    let done = () => {};
    this.held.set(name, new Promise((resolve) => (done = resolve)));
    try {
      return await act({ name });
    } finally {
      this.held.delete(name);
      done();
    }
  }

  /** What a browser does when a tab is closed. */
  release(name) {
    this.held.delete(name);
  }
}

/** Time that passes at once, and remembers how long it would have been. */
export function hurried() {
  const waits = [];
  return { waits, pause: async (ms) => void waits.push(ms) };
}
