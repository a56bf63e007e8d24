error-home = Back to the start
error-retry-hint = Your recording is still there; no need to record again. Without scripts, press your browser's back button and send it once more.
error-not-found = There is no such page
error-not-found-text = The address may be mistyped, or the page has moved.
error-method = This page cannot be opened like that
error-method-text = Please begin again from the start page.
error-bad-request = We could not read what was sent
error-bad-request-text = Please go back to the page and send it once more.
error-cross-site = This came from another site
error-cross-site-text = To keep you safe, we only take what is sent from our own pages. Please begin again from the start page.
error-too-large = The file is too large
error-too-large-text = At most { $limit } MB can be sent. Make a shorter recording, or choose another file.
error-unsupported-type = That is not a recording
error-unsupported-type-text = Record with the button on the page, or choose an audio file.
error-timeout = The upload was too slow
error-timeout-text = The network may be unsteady. Move closer to the router and try again.
error-busy = It is busy just now
error-busy-text = Many people are reading! Please try again in { $seconds } seconds.
error-internal = Something broke on our side
error-internal-text = It is not your fault. Please try again in a while.

error-sign-in-first = Please sign in first
error-sign-in-first-text = Sign in to go on. A recording on its way stays safe in this browser and is sent when you are back.

error-gone = The teacher has taken this homework back
error-gone-text = No new recordings are taken here. What you have recorded is still in your browser; you can save it as a file.

error-conflict = This does not fit what we have
error-conflict-text = The page may be out of date, or changed in another window. Reload it and try again.

error-mismatch = The recording did not arrive whole
error-mismatch-text = What arrived is not what was sent, so all of it was thrown away. Send it again; the recording is not lost.

error-full = The server has no room left
error-full-text = Nothing new can be stored at the moment. Try again later, or tell the school's administrator; recordings that were not sent stay in your browser.

error-lost = The file is missing
error-lost-text = This sound should be here and is not. We have made a note of it; please tell your teacher or the school's administrator.
error-restricted = Processing is restricted
error-restricted-text = At the wish of the person or their guardian this data is not used for now. The restriction can be lifted on the page “Personal data”.
error-held = Kept by law
error-held-text = The law or an authority wants this data to be kept for now, so it cannot be deleted. The page “Personal data” says until when.
