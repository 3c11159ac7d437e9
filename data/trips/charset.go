package trips

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// refusal is a form that is known and not read, with the command that makes one
// of it that is.
type refusal struct{ what, command string }

// Error implements error.
func (r *refusal) Error() string {
	return fmt.Sprintf("%s: not read; convert it: %s", r.what, r.command)
}

// foreign are the forms that are refused by name, by what they begin with.
var foreign = []struct {
	magic string
	refusal
}{
	{"PARE", refusal{"Parquet with an encrypted footer", "write it again without encryption"}},
	{"ORC", refusal{"ORC", `duckdb -c "copy (from read_orc('FILE')) to 'trips.parquet'", or pyarrow.orc`}},
	{"Obj\x01", refusal{"Avro", `duckdb -c "copy (from read_avro('FILE')) to 'trips.parquet'"`}},
	{"ARROW1", refusal{"Arrow IPC (Feather)", `python3 -c "import pyarrow.feather as f, pyarrow.parquet as p; p.write_table(f.read_table('FILE'), 'trips.parquet')"`}},
	{"\xff\xff\xff\xff", refusal{"an Arrow stream", `python3 -c "import pyarrow as a, pyarrow.parquet as p; p.write_table(a.ipc.open_stream('FILE').read_all(), 'trips.parquet')"`}},
	{"SQLite format 3\x00", refusal{"an SQLite database", `sqlite3 -csv -header FILE "select * from TABLE" > trips.csv`}},
	{"\x89HDF", refusal{"HDF5", `python3 -c "import pandas; pandas.read_hdf('FILE').to_parquet('trips.parquet')"`}},
	{"\x80\x04\x95", refusal{"a Python pickle", `python3 -c "import pandas; pandas.read_pickle('FILE').to_parquet('trips.parquet')"`}},
	{"7z\xbc\xaf\x27\x1c", refusal{"7z", "7z x FILE"}},
	{"Rar!", refusal{"RAR", "unrar x FILE"}},
	{"LZIP", refusal{"lzip", "lzip -d FILE"}},
	{"\x1f\x9d", refusal{"compress (.Z)", "uncompress FILE"}},
	{"\x89LZO\x00", refusal{"lzop", "lzop -d FILE"}},
	{"\x5d\x00\x00", refusal{"LZMA alone (.lzma)", "unlzma FILE"}},
	{"\xd0\xcf\x11\xe0", refusal{"an Excel workbook", "ssconvert FILE trips.csv"}},
	{"%PDF", refusal{"PDF", "find the table as CSV or Parquet"}},
	{"\x00\x00\xfe\xff", refusal{"UTF-32", "iconv -f UTF-32 -t UTF-8 FILE > trips.csv"}},
	{"\xff\xfe\x00\x00", refusal{"UTF-32", "iconv -f UTF-32 -t UTF-8 FILE > trips.csv"}},
	{"<", refusal{"HTML or XML", "look at it with a browser: a page in place of a download is often an error message"}},
}

// refuse names what is known and not read.
func refuse(head []byte) error {
	for i := range foreign {
		if begins(head, foreign[i].magic) {
			return &foreign[i].refusal
		}
	}
	if hadoop(head) {
		return &refusal{"snappy or LZ4 in Hadoop's frames", `write it with another codec, of Spark: option("compression", "gzip")`}
	}
	if len(head) >= tarMagicAt+5 && string(head[tarMagicAt:tarMagicAt+5]) == "ustar" {
		return &refusal{"a tar archive", "tar -xf FILE, and name what it held"}
	}
	return nil
}

const tarMagicAt = 257

// hadoop reports whether a file begins as Hadoop's snappy and LZ4 do: with the
// plain and the packed length of the first block, which has no other mark.
func hadoop(head []byte) bool {
	const largest = 1 << 24
	if len(head) < 9 || head[0] != 0 || head[4] != 0 {
		return false
	}
	plain, packed := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[4:])
	return plain > 0 && plain < largest && packed > 0 && packed < largest
}

// utf8Text is the text behind its byte-order mark. UTF-16, with a mark or without,
// becomes UTF-8; half a pair of it becomes U+FFFD.
func utf8Text(b *bufio.Reader) (io.Reader, error) {
	head, err := b.Peek(8)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case begins(head, byteOrderMark):
		_, err := b.Discard(len(byteOrderMark))
		return b, err
	case begins(head, "\xff\xfe"), wide(head, 1):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b), nil
	case begins(head, "\xfe\xff"), wide(head, 0):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(b), nil
	}
	return b, nil
}

// wide reports whether each second byte, from zero on, is 0 and no other: ASCII in UTF-16.
func wide(head []byte, zero int) bool {
	for i, c := range head {
		if (c == 0) != (i%2 == zero) {
			return false
		}
	}
	return len(head) > 0 && len(head)%2 == 0
}
