// The microphone: opening it, its loudness, and a recording of it. Everything stays in this page's memory.

/** Why there is no microphone; each has its own way on in the page. */
export class NoMicrophone extends Error {
  /** @param {"denied" | "missing" | "taken" | "insecure" | "unsupported"} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/** So much of a recording can at most be lost with a closed tab. */
const CHUNK_MS = 500;

/** Bits a second of a recording: as a rule, and while data is saved. The scores hardly move (docs/adr/0020). */
const FULL_BITS = 64_000;
export const SPARING_BITS = 24_000;

/** As the servers like them best: Chrome and Firefox write WebM, Safari MP4. */
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/**
 * Opens the microphone.
 * @returns {Promise<MediaStream>}
 */
async function open() {
  if (!window.isSecureContext) throw new NoMicrophone("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder || !window.AudioContext) {
    throw new NoMicrophone("unsupported");
  }
  try {
    // Echo and noise filters are made for telephony: they eat the very sounds (s, f, th) that we listen for.
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "NotAllowedError" || name === "SecurityError") throw new NoMicrophone("denied");
    if (name === "NotFoundError" || name === "OverconstrainedError") throw new NoMicrophone("missing");
    throw new NoMicrophone("taken");
  }
}

/** An open microphone with a loudness meter. */
export class Microphone {
  /**
   * @param {MediaStream} stream
   * @param {(level: number) => void} onLevel called for each frame with 0–1
   */
  constructor(stream, onLevel) {
    this.stream = stream;
    this.context = new AudioContext();
    void this.context.resume();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const frame = () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // −60 dB … −10 dB fills the meter.
      onLevel(Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-9) + 60) / 50)));
      this.request = requestAnimationFrame(frame);
    };
    this.request = requestAnimationFrame(frame);
  }

  /** @param {(level: number) => void} onLevel */
  static async open(onLevel) {
    return new Microphone(await open(), onLevel);
  }

  /** Closes it; the browser's sign that it listens goes out. */
  close() {
    cancelAnimationFrame(this.request);
    for (const track of this.stream.getTracks()) track.stop();
    void this.context.close();
  }

  /**
   * Starts to record.
   * @param {(mime: string) => ((chunk: Blob) => void)} [begin] wants each half second as it comes
   * @param {number} [bitsPerSecond]
   */
  record(begin, bitsPerSecond = FULL_BITS) {
    return new Recording(this.stream, bitsPerSecond, begin);
  }
}

/** A recording under way. */
export class Recording {
  /**
   * @param {MediaStream} stream
   * @param {number} bitsPerSecond
   * @param {(mime: string) => ((chunk: Blob) => void)} [begin]
   */
  constructor(stream, bitsPerSecond, begin) {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.recorder = new MediaRecorder(stream, mimeType ? { mimeType, audioBitsPerSecond: bitsPerSecond } : {});
    /** @type {Blob[]} */
    const parts = [];
    const onChunk = begin?.(this.recorder.mimeType);
    this.recorder.addEventListener("dataavailable", (event) => {
      parts.push(event.data);
      onChunk?.(event.data);
    });
    /** @type {Promise<Blob>} */
    this.done = new Promise((resolve) => {
      this.recorder.addEventListener("stop", () => resolve(new Blob(parts, { type: this.recorder.mimeType })));
    });
    this.recorder.start(onChunk ? CHUNK_MS : undefined);
  }

  /** Ends it. @returns {Promise<Blob>} */
  stop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    return this.done;
  }
}
