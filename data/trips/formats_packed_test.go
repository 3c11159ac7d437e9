package trips_test

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

var little = binary.LittleEndian

// pack compresses through a writer of one of the libraries.
func pack(text string, writer func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := writer(&b)
	if _, err := io.WriteString(w, text); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// packers are the compressions that Go can write, each as one member.
var packers = map[string]func(text string) string{
	"gzip": func(text string) string {
		return pack(text, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	},
	"zstd": func(text string) string {
		return pack(text, func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w, zstd.WithEncoderCRC(true)); return z })
	},
	"lz4": func(text string) string {
		return pack(text, func(w io.Writer) io.WriteCloser {
			z := lz4.NewWriter(w)
			if err := z.Apply(lz4.BlockChecksumOption(true), lz4.BlockSizeOption(lz4.Block64Kb)); err != nil {
				panic(err)
			}
			return z
		})
	},
	"lz4-legacy": func(text string) string {
		return pack(text, func(w io.Writer) io.WriteCloser {
			z := lz4.NewWriter(w)
			if err := z.Apply(lz4.LegacyOption(true)); err != nil {
				panic(err)
			}
			return z
		})
	},
	"snappy": func(text string) string {
		return pack(text, func(w io.Writer) io.WriteCloser { return s2.NewWriter(w, s2.WriterSnappyCompat()) })
	},
	"s2": func(text string) string {
		return pack(text, func(w io.Writer) io.WriteCloser { return s2.NewWriter(w) })
	},
	"xz": func(text string) string {
		return pack(text, func(w io.Writer) io.WriteCloser {
			z, err := xz.NewWriter(w)
			if err != nil {
				panic(err)
			}
			return z
		})
	},
	"zip": func(text string) string { return zipped(map[string]string{"trips.csv": text}, "trips.csv") },
}

// zipped is an archive of the files, in the order of their names in order.
func zipped(files map[string]string, order ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range order {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, files[name])
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// skippable is a skippable frame as pzstd writes one before each frame: the length of that frame.
func skippable(n int) string {
	return "\x50\x2a\x4d\x18" + string(little.AppendUint32(nil, 4)) + string(little.AppendUint32(nil, uint32(n)))
}

const zeros = "\x00\x00\x00\x00\x00\x00\x00\x00"

// bzip2Of is plain() through bzip2, which Go cannot write: the whole, and its two
// halves joined. It was made by testdata/bzip2.py.
func bzip2Of(t testing.TB) (whole, halves string) {
	t.Helper()
	lines := bzip2Lines(t)
	return lines[0], lines[1] + lines[2]
}

func bzip2Lines(t testing.TB) (parts []string) {
	t.Helper()
	text, err := os.ReadFile("testdata/bzip2.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(b))
	}
	return parts
}

// Ensure the committed bytes are the sample's. TAXI_SAMPLE names a file for the
// text, from which testdata/bzip2.py makes them.
func TestBzip2Of(t *testing.T) {
	if file := os.Getenv("TAXI_SAMPLE"); file != "" {
		if err := os.WriteFile(file, []byte(plain()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, packed := range bzip2Lines(t) {
		text, err := io.ReadAll(bzip2.NewReader(strings.NewReader(packed)))
		if err != nil || !strings.Contains(plain(), string(text)) || len(text) < len(plain())/2 {
			t.Errorf("%d bytes, %v: write testdata/bzip2.txt again", len(text), err)
		}
	}
}

func packedForms(t testing.TB) map[string]made {
	text := plain()
	half := len(text)/2 + 3
	all := map[string]made{}
	for name, p := range packers {
		one := p(text)
		forms := map[string]string{"": one}
		if name != "zip" {
			forms["-members"] = p(text[:half]) + p("") + p(text[half:])
			forms["-zeros"] = one + strings.Repeat(zeros, 70)
		}
		for suffix, data := range forms {
			all[name+suffix] = made{data: []byte(data)}
		}
	}
	a, b := packers["zstd"](text[:half]), packers["zstd"](text[half:])
	c, d := packers["lz4"](text[:half]), packers["lz4"](text[half:])
	odd := zeros[:3]
	bz, halves := bzip2Of(t)
	for name, data := range map[string]string{
		"zstd-pzstd":      skippable(len(a)) + a + skippable(len(b)) + b,
		"lz4-skippable":   skippable(1) + c + skippable(2) + d + skippable(3) + odd,
		"gzip-bom":        packers["gzip"](mark + text),
		"bzip2":           bz,
		"bzip2-members":   halves,
		"bzip2-zeros":     bz + odd,
		"zip-folders":     zipped(map[string]string{"2015/trips.csv": text, "__MACOSX/2015/._trips.csv": "x", "2015/.DS_Store": "x"}, "2015/", "2015/trips.csv", "__MACOSX/2015/._trips.csv", "2015/.DS_Store"),
		"zip-gzip":        zipped(map[string]string{"trips.csv.gz": packers["gzip"](text)}, "trips.csv.gz"),
		"gzip-parquet":    packers["gzip"](string(simpleParquet(t))),
		"zstd-json-array": packers["zstd"](mark + "[" + strings.Join(objects(tlcObject), ",") + "]"),
	} {
		all[name] = made{data: []byte(data)}
	}
	return all
}

// Ensure padding of any length is passed over, and anything else behind the last
// member is an error that says where.
func TestPadding(t *testing.T) {
	packs := map[string]string{}
	packs["bzip2"], _ = bzip2Of(t)
	for name, p := range packers {
		if name != "zip" {
			packs[name] = p(plain())
		}
	}
	for name, data := range packs {
		for n := range 9 {
			if name == "xz" && n%4 != 0 {
				continue // the format asks for words
			}
			if got, _, err := read(t, write(t, "x", []byte(data+zeros[:min(n, 8)]+strings.Repeat("\x00", 70_000*(n/8))))); err != nil || len(got) != len(sample) {
				t.Errorf("%s and %d zeros: %d trips, %v", name, n, len(got), err)
			}
		}
		for _, behind := range []string{"rubbish", "\x00\x00\x00rubbish", "\x00\x00\x00\x00\x00\x00\x00\x01"} {
			_, _, err := read(t, write(t, "some.file", []byte(data+behind)))
			if err == nil || !strings.Contains(err.Error(), "some.file: ") || !strings.Contains(err.Error(), "near byte ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s and %q: %v", name, behind, err)
			}
		}
	}
}

// Ensure a compressed file that lost its end is never a shorter one that is
// whole, but where a part ends behind which nothing need follow.
func TestCutOff(t *testing.T) {
	bz, halves := bzip2Of(t)
	half := len(plain()) / 2
	packs := map[string][]string{"bzip2": {bz}, "bzip2 halves": {halves[:strings.LastIndex(halves, "BZh")], halves[strings.LastIndex(halves, "BZh"):]}}
	for name, p := range packers {
		packs[name] = []string{p(plain())}
		if name != "zip" {
			packs[name+" halves"] = []string{p(plain()[:half]), p(plain()[half:])}
		}
	}
	step := 11
	if os.Getenv("TAXI_MATRIX") == "all" {
		step = 1
	}
	for name, parts := range packs {
		data, ends := strings.Join(parts, ""), len(parts[0])
		for n := 1; n < len(data); n += step {
			if n == ends || strings.HasPrefix(name, "lz4-legacy") && n == ends+4 || strings.HasPrefix(name, "s") && (n == ends+10 || n == ends+11) {
				continue // an end, the beginning of a part that need hold nothing, or behind it a zero as padding has it
			}
			got, _, err := read(t, write(t, "some.file", []byte(data[:n])))
			if err == nil || !strings.Contains(err.Error(), "some.file") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %d of %d bytes (the first part ends at %d): %d trips, %v", name, n, len(data), ends, len(got), err)
			}
		}
	}
}
