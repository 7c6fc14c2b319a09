"""What is made: frames in, one file that every browser plays out, and a picture to show before it plays."""

from fractions import Fraction
from itertools import pairwise
from types import TracebackType
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.video.frame import VideoFrame

MADE, POSTER = "made.mp4", "poster.jpg"
RATE = 48_000
PICTURES_A_SECOND = 30
LONG_SIDE = 1280  # as large as a page shows it
POSTER_AT_S = 1.0  # by then a camera has found its light
BARE = {"movflags": "+faststart", "fflags": "+bitexact"}  # plays while it loads; names no encoder
TURNS = {90: "transpose=cclock,", 180: "hflip,vflip,", 270: "transpose=clock,"}  # as a phone was held


class Tape:
    """Encodes what it is given, in the order of the source. Sound waits for the first picture where there is one."""

    def __init__(self, *, waits_for_pictures: bool, waits_for_sound: bool) -> None:
        self.hears = waits_for_sound
        self.out = av.open(MADE, "w", format="mp4", options=BARE)
        self.waits = waits_for_pictures
        self.waiting: list[AudioFrame] = []
        self.audio_graph: Graph | None = None
        self.video_graph: Graph | None = None
        self.audio: Any = None
        self.video: Any = None
        self.samples = 0
        self.has_poster = False
        self.last: VideoFrame | None = None

    def __enter__(self) -> "Tape":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self.out.close()

    @property
    def has_sound(self) -> bool:
        """Whether anything is heard."""
        return self.audio is not None

    @property
    def has_pictures(self) -> bool:
        """Whether anything is seen."""
        return self.video is not None

    @property
    def width(self) -> int | None:
        """Of the picture, in pixels."""
        return self.video.width if self.video else None

    @property
    def height(self) -> int | None:
        """Of the picture, in pixels."""
        return self.video.height if self.video else None

    def sound(self, frame: AudioFrame, begins_s: float | None) -> None:
        """Add what is heard from a moment on, or after what was heard before."""
        if self.audio_graph is None:
            self.audio_graph = _audio_graph(frame)
        begins = self.samples / frame.sample_rate if begins_s is None else begins_s
        self.samples += frame.samples
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(begins * frame.sample_rate)
        self.audio_graph.push(frame)
        self._take_sound()

    def show(self, frame: VideoFrame, begins_s: float) -> None:
        """Add what is seen from a moment on."""
        if self.video_graph is None:
            self.video_graph = _video_graph(frame)
        frame.time_base = Fraction(1, 90_000)
        frame.pts = round(begins_s * 90_000)
        self.video_graph.push(frame)
        self._take_pictures()

    def _take_sound(self) -> None:
        for frame in _pulled(self.audio_graph):
            if self.waits and self.video is None:
                self.waiting.append(frame)
            else:
                self._write_sound(frame)

    def _write_sound(self, frame: AudioFrame | None) -> None:
        if self.audio is None:
            self.audio = self.out.add_stream("aac", rate=RATE, layout="mono", bit_rate=96_000)
        self.out.mux(self.audio.encode(frame))

    def _take_pictures(self) -> None:
        for frame in _pulled(self.video_graph):
            if self.video is None:
                self._begin_pictures(frame)
            frame.pict_type = av.video.frame.PictureType.NONE
            self.out.mux(self.video.encode(frame))
            self.last = frame
            if not self.has_poster and frame.time >= POSTER_AT_S:
                self._draw_poster(frame)

    def _begin_pictures(self, frame: VideoFrame) -> None:
        """Add both streams: none can be added once something is written."""
        options = {"preset": "veryfast", "crf": "25", "profile": "main", "threads": "2"}
        self.video = self.out.add_stream("libx264", rate=PICTURES_A_SECOND, options=options)
        self.video.width, self.video.height, self.video.pix_fmt = frame.width, frame.height, "yuv420p"
        if self.hears:
            self.audio = self.out.add_stream("aac", rate=RATE, layout="mono", bit_rate=96_000)
        for sound in self.waiting:
            self._write_sound(sound)
        self.waiting.clear()

    def _draw_poster(self, frame: VideoFrame) -> None:
        with av.open(POSTER, "w", format="mjpeg", options={"fflags": "+bitexact"}) as file:
            picture = file.add_stream("mjpeg", rate=1, options={"flags": "+bitexact", "qmin": "4", "qmax": "4"})
            picture.width, picture.height, picture.pix_fmt = frame.width, frame.height, "yuvj420p"
            still = frame.reformat(format="yuvj420p")
            still.pts = None
            file.mux(picture.encode(still))
            file.mux(picture.encode(None))
        self.has_poster = True

    def _finish(self) -> None:
        if self.video_graph is not None:
            self.video_graph.push(None)
            self._take_pictures()
        self.waits = False
        for sound in self.waiting:
            self._write_sound(sound)
        if self.audio_graph is not None:
            self.audio_graph.push(None)
            self._take_sound()
        if self.last is not None and not self.has_poster:
            self._draw_poster(self.last)
        for stream in (self.video, self.audio):
            if stream is not None:
                self.out.mux(stream.encode(None))


def _audio_graph(frame: AudioFrame) -> Graph:
    """Return what brings any sound into one shape; silence fills gaps, so that lips and words stay together."""
    graph = Graph()
    begin = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=frame.layout.name,
        time_base=Fraction(1, frame.sample_rate),
    )
    steps = [
        graph.add("aresample", f"{RATE}:async=1000:first_pts=0"),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts=mono"),
        graph.add("asetnsamples", "n=1024:p=0"),
    ]
    _chain(graph, begin, *steps, graph.add("abuffersink"))
    return graph


def _video_graph(frame: VideoFrame) -> Graph:
    """Return what turns a picture upright and makes it no larger than a page shows it."""
    graph = Graph()
    begin = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 90_000))
    steps = [graph.add(*step.split("=", 1)) for step in TURNS.get(frame.rotation % 360, "").split(",") if step]
    fit = f"w='min({LONG_SIDE},iw)':h='min({LONG_SIDE},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2"
    steps += [
        graph.add("scale", fit + ":flags=bilinear"),
        graph.add("setsar", "1"),
        graph.add("fps", f"{PICTURES_A_SECOND}:start_time=0"),
        graph.add("format", "yuv420p"),
    ]
    _chain(graph, begin, *steps, graph.add("buffersink"))
    return graph


def _chain(graph: Graph, *steps: Any) -> None:
    for one, next_one in pairwise(steps):
        one.link_to(next_one)
    graph.configure()


def _pulled(graph: Graph | None) -> Any:
    while graph is not None:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
