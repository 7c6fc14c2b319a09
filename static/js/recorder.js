// Records a voice or a film into a file field of a form: with a level, a pause, a look at it, and again.
// Markup: components/media.html, macro recording_field. Without scripts, or without a camera, the file field is all there is.

const TYPES = {
  video: ["video/webm;codecs=vp8,opus", "video/webm", "video/mp4"],
  audio: ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"],
};
const KINDS_OF_WISH = { video: { width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

class Recorder {
  constructor(root) {
    this.root = root;
    this.field = root.querySelector("input[type=file]");
    this.desk = root.querySelector("[data-desk]");
    this.screen = document.createElement("video");
    this.screen.playsInline = this.screen.hidden = true;
    root.querySelector("[data-screen]").append(this.screen);
    this.meter = root.querySelector("meter");
    this.clock = root.querySelector("[data-clock]");
    this.words = root.querySelector("[role=status]");
    this.longest = Number(root.dataset.longest);
    this.buttons = Object.fromEntries([...root.querySelectorAll("[data-act]")].map((each) => [each.dataset.act, each]));
    for (const [act, button] of Object.entries(this.buttons)) button.addEventListener("click", () => this[act]());
    this.field.addEventListener("change", () => this.forget());
    this.desk.hidden = false;
    this.show("video", "audio");
  }

  /** Shows these buttons and no others; the focus stays with who used one. */
  show(...acts) {
    const had = this.desk.contains(document.activeElement);
    for (const [act, button] of Object.entries(this.buttons)) button.hidden = !acts.includes(act);
    if (had) acts.map((act) => this.buttons[act]).find(Boolean)?.focus();
  }

  say(name) {
    this.words.textContent = name ? this.words.dataset[name] : "";
  }

  video() {
    this.begin("video");
  }

  audio() {
    this.begin("audio");
  }

  async begin(kind) {
    this.forget();
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: KINDS_OF_WISH[kind] });
    } catch {
      this.say("denied");
      return;
    }
    const mimeType = TYPES[kind].find((type) => MediaRecorder.isTypeSupported(type));
    this.recorder = new MediaRecorder(this.stream, { mimeType, videoBitsPerSecond: 1_500_000, audioBitsPerSecond: 96_000 });
    this.pieces = [];
    this.seconds = 0;
    this.recorder.addEventListener("dataavailable", (event) => event.data.size && this.pieces.push(event.data));
    this.recorder.addEventListener("stop", () => this.keep(kind));
    this.recorder.start(1000);
    this.listen();
    this.screen.hidden = kind !== "video";
    this.screen.controls = false;
    this.screen.muted = true;
    this.screen.srcObject = kind === "video" ? this.stream : null;
    if (kind === "video") this.screen.play();
    this.timer = setInterval(() => this.tick(), 200);
    this.ticked = performance.now();
    this.say("running");
    this.show("stop", "pause");
  }

  /** Shows how loud it is, so that nobody speaks two minutes into a dead microphone. */
  listen() {
    this.sound = new AudioContext();
    const analyser = this.sound.createAnalyser();
    this.sound.createMediaStreamSource(this.stream).connect(analyser);
    const wave = new Float32Array(analyser.fftSize);
    this.meter.hidden = false;
    const measure = () => {
      if (!this.sound) return;
      analyser.getFloatTimeDomainData(wave);
      this.meter.value = Math.min(1, 4 * Math.sqrt(wave.reduce((sum, each) => sum + each * each, 0) / wave.length));
      requestAnimationFrame(measure);
    };
    measure();
  }

  tick() {
    const now = performance.now();
    if (this.recorder.state === "recording") this.seconds += (now - this.ticked) / 1000;
    this.ticked = now;
    this.clock.textContent = `${minutes(this.seconds)} / ${minutes(this.longest)}`;
    if (this.seconds >= this.longest) this.stop();
  }

  pause() {
    this.recorder.pause();
    this.say("paused");
    this.show("resume", "stop");
  }

  resume() {
    this.recorder.resume();
    this.say("running");
    this.show("stop", "pause");
  }

  stop() {
    if (this.recorder?.state !== "inactive") this.recorder?.stop();
  }

  keep(kind) {
    this.end();
    const type = this.recorder.mimeType.split(";")[0];
    const file = new File(this.pieces, `recording.${type.endsWith("mp4") ? "mp4" : "webm"}`, { type });
    const chosen = new DataTransfer();
    chosen.items.add(file);
    this.field.files = chosen.files;
    this.address = URL.createObjectURL(file);
    this.screen.srcObject = null;
    this.screen.src = this.address;
    this.screen.hidden = false;
    this.screen.muted = false;
    this.screen.controls = true;
    this.screen.classList.toggle("recorder-voice", kind === "audio");
    this.say(this.seconds + 0.5 < Number(this.root.dataset.shortest) ? "short" : "done");
    this.show("again");
  }

  /** Lets go of camera and microphone. */
  end() {
    clearInterval(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.sound?.close();
    this.stream = this.sound = null;
    this.meter.hidden = true;
  }

  again() {
    this.field.value = "";
    this.forget();
  }

  /** Begins anew; a file that was chosen stays in its field. */
  forget() {
    this.end();
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
    this.screen.removeAttribute("src");
    this.screen.hidden = true;
    this.clock.textContent = "";
    this.say("");
    this.show("video", "audio");
  }
}

if (window.MediaRecorder && window.DataTransfer && navigator.mediaDevices?.getUserMedia) {
  document.querySelectorAll("[data-recorder]").forEach((root) => new Recorder(root));
}
