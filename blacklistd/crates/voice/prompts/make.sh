#!/bin/sh
# Makes the prompts and the hold music: Ogg Vorbis, mono, 8 kHz. The texts are in texts.tsv (name,
# English, German, parted by tabs). Needs espeak-ng, sox and oggenc (vorbis-tools).
#
# The result is the same each time: the streams' serial numbers are given, and sox uses the same
# random numbers in each run.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Packs a WAV file; a low quality is enough for what G.711 leaves of it.
pack() {
    oggenc --quiet --quality "$3" --serial 1 --output "$2" "$1"
}

# Speaks a text: output, voice, words per minute, pitch, text.
speak() {
    espeak-ng -v "$2" -s "$3" -p "$4" -g 2 -w "$work/spoken.wav" -- "$5"
    # Silence at both ends goes; what telephones do not carry goes too.
    sox -R -G "$work/spoken.wav" -b 16 "$work/prompt.wav" \
        silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse \
        rate -h 8000 highpass 150 pad 0.1 0.2 norm -4
    pack "$work/prompt.wav" "$1" -1
}

mkdir -p en de
tab=$(printf '\t')
while IFS="$tab" read -r name english german; do
    case $name in
    # Whoever keeps callers busy is somebody else than the exchange.
    torment-*) pitch=35 pace=140 ;;
    *) pitch=50 pace=155 ;;
    esac
    speak "en/$name.ogg" en-gb "$pace" "$pitch" "$english"
    speak "de/$name.ogg" de "$pace" "$pitch" "$german"
done < texts.tsv

# One bar of the hold music: four plucked notes, each 0.3 s with its end faded, so that the last one
# leads into the first when the piece is repeated.
bar=0
for notes in "C4 E4 G4 E4" "A3 C4 E4 C4" "F3 A3 C4 A3" "G3 B3 D4 B3" \
    "C4 G4 E5 G4" "A3 E4 C5 E4" "F3 C4 A4 C4" "G3 D4 G4 F4"; do
    beat=0
    for note in $notes; do
        sox -R -r 48000 -b 16 -c 1 -n "$work/$bar-$beat.wav" \
            synth 0.3 pluck "$note" fade t 0.005 0.3 0.05 gain -9
        beat=$((beat + 1))
    done
    bar=$((bar + 1))
done
sox -R "$work"/[0-7]-[0-3].wav -b 16 "$work/hold.wav" rate -h 8000 lowpass 2500 norm -9
pack "$work/hold.wav" hold.ogg -1
