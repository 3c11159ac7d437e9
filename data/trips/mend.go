package trips

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// Two forms of page are in use that the library does not read: compression by
// LZ4 in the way of Hadoop (Spark) or as a block without its length
// (fastparquet), and values with a few bytes behind them (fastparquet). A file
// with one of them is copied, the columns of a trip alone, into one without.

// needsMending reports whether the columns may hold such pages.
func needsMending(file *parquet.File, columns []int) bool {
	for g := range file.Metadata().RowGroups {
		for _, c := range columns {
			meta := &file.Metadata().RowGroups[g].Columns[c].MetaData
			if meta.Codec == format.Lz4 || trailing(file, meta) {
				return true
			}
		}
	}
	return false
}

// knownCodecs names a codec that cannot be undone.
func knownCodecs(file *parquet.File, columns []int) error {
	for g := range file.Metadata().RowGroups {
		for _, c := range columns {
			switch meta := &file.Metadata().RowGroups[g].Columns[c].MetaData; meta.Codec {
			case format.Uncompressed, format.Snappy, format.Gzip, format.Brotli, format.Zstd, format.Lz4, format.Lz4Raw:
			default:
				return &refusal{
					fmt.Sprintf("parquet: column %s of codec %s", strings.Join(meta.PathInSchema, "."), meta.Codec),
					`duckdb -c "copy (from read_parquet('FILE')) to 'trips.parquet'", or what wrote it with another codec`,
				}
			}
		}
	}
	return nil
}

func trailing(file *parquet.File, meta *format.ColumnMetaData) bool {
	return strings.HasPrefix(file.Metadata().CreatedBy, "fastparquet") && (meta.Type == format.Int96 || meta.Type == format.ByteArray)
}

// mend makes the copy, which is gone when it is closed. The file's own metadata
// is changed on the way.
func mend(f io.ReaderAt, file *parquet.File, columns []int) (_ *os.File, err error) {
	out, err := os.CreateTemp("", "taxistream-*.parquet")
	if err != nil {
		return nil, err
	}
	os.Remove(out.Name())
	defer func() {
		if err != nil {
			out.Close()
		}
	}()
	m := &mender{out: bufio.NewWriterSize(out, bufferSize), most: file.Size()}
	m.write([]byte(parquetMagic))
	meta := file.Metadata()
	for g := range meta.RowGroups {
		for _, c := range columns {
			chunk := &meta.RowGroups[g].Columns[c].MetaData
			m.trim, m.kind = trailing(file, chunk), chunk.Type
			m.optional = file.Root().Column(chunk.PathInSchema[0]).Optional()
			if err := m.chunk(f, chunk); err != nil {
				return nil, fmt.Errorf("column %s: %w", chunk.PathInSchema[0], err)
			}
		}
	}
	foot, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	if err != nil {
		return nil, err
	}
	m.write(foot)
	m.write(binary.LittleEndian.AppendUint32(nil, uint32(len(foot))))
	m.write([]byte(parquetMagic))
	return out, m.out.Flush()
}

// mender writes the copy. trim, optional and kind are those of the column at hand.
type mender struct {
	out            *bufio.Writer
	at             int64
	trim, optional bool
	kind           format.Type
	most           int64 // bytes of a page: those of the file
}

// write keeps its error for Flush.
func (m *mender) write(b []byte) {
	n, _ := m.out.Write(b)
	m.at += int64(n)
}

// chunk copies the pages of a column chunk and says in its metadata where they are now.
func (m *mender) chunk(f io.ReaderAt, meta *format.ColumnMetaData) error {
	from := meta.DataPageOffset
	if d := meta.DictionaryPageOffset; d > 0 && d < from {
		from = d
	}
	start := m.at
	in := bufio.NewReaderSize(io.NewSectionReader(f, from, meta.TotalCompressedSize), bufferSize)
	pages := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(in))
	meta.DictionaryPageOffset, meta.DataPageOffset = 0, 0
	for {
		var header format.PageHeader
		if err := pages.Decode(&header); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		at := m.at
		if err := m.page(in, &header, meta.Codec); err != nil {
			return err
		}
		if header.Type == format.DictionaryPage {
			meta.DictionaryPageOffset = at
		} else if meta.DataPageOffset == 0 {
			meta.DataPageOffset = at
		}
	}
	meta.Codec = format.Uncompressed
	meta.TotalCompressedSize, meta.TotalUncompressedSize = m.at-start, m.at-start
	meta.IndexPageOffset, meta.BloomFilterOffset, meta.BloomFilterLength = 0, 0, 0
	return nil
}

func (m *mender) page(in io.Reader, header *format.PageHeader, codec format.CompressionCodec) error {
	size, plainSize := int64(header.CompressedPageSize), int64(header.UncompressedPageSize)
	if size < 0 || size > m.most || plainSize < 0 || plainSize > maxPage {
		return fmt.Errorf("a page of %d bytes, %d when unpacked", size, plainSize)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(in, data); err != nil {
		return short(err)
	}
	levels := 0
	if v2 := &header.DataPageHeaderV2; v2.Valid {
		levels = int(v2.V.RepetitionLevelsByteLength) + int(v2.V.DefinitionLevelsByteLength)
		if v2.V.IsCompressed.Valid && !v2.V.IsCompressed.V {
			codec = format.Uncompressed
		}
		v2.V.IsCompressed = thrift.New(false)
	}
	if levels < 0 || levels > len(data) {
		return errors.New("levels longer than their page")
	}
	plain, err := decompressPage(codec, data[levels:], int(plainSize)-levels)
	if err != nil {
		return err
	}
	data = append(data[:levels:levels], plain...)
	if m.trim {
		data = data[:m.length(header, data, levels)]
	}
	header.CRC = 0
	header.CompressedPageSize, header.UncompressedPageSize = int32(len(data)), int32(len(data))
	b, err := thrift.Marshal(new(thrift.CompactProtocol), header)
	if err != nil {
		return err
	}
	m.write(b)
	m.write(data)
	return nil
}

// length is that of the page without what stands behind its values.
func (m *mender) length(header *format.PageHeader, data []byte, levels int) int {
	n, at := 0, levels
	switch v1, v2 := &header.DataPageHeader, &header.DataPageHeaderV2; {
	case v1.Valid && v1.V.Encoding == format.Plain:
		if n = int(v1.V.NumValues); m.optional && len(data) >= 4 {
			size := min(int(binary.LittleEndian.Uint32(data)), len(data)-4)
			n, at = ones(data[4:4+size], n), 4+size
		}
	case v2.Valid && v2.V.Encoding == format.Plain:
		n = int(v2.V.NumValues - v2.V.NumNulls)
	case header.DictionaryPageHeader.Valid:
		n = int(header.DictionaryPageHeader.V.NumValues)
	default:
		return len(data)
	}
	if m.kind == format.Int96 {
		return min(at+12*n, len(data))
	}
	for ; n > 0 && at+4 <= len(data); n-- {
		at += 4 + int(binary.LittleEndian.Uint32(data[at:]))
	}
	return min(at, len(data))
}

// ones counts the levels that are 1, of n, in runs and packed bits of width 1.
func ones(b []byte, n int) (count int) {
	for n > 0 && len(b) > 0 {
		head, size := binary.Uvarint(b)
		if size <= 0 {
			return count
		}
		b = b[size:]
		if head&1 == 0 {
			run := min(n, int(head>>1))
			if len(b) > 0 && b[0] == 1 {
				count += run
			}
			n -= run
			b = b[min(1, len(b)):]
			continue
		}
		for range min(int(head>>1), len(b)) {
			packed := b[0]
			if n < 8 {
				packed &= 1<<max(n, 0) - 1
			}
			count += bits.OnesCount8(packed)
			n -= 8
			b = b[1:]
		}
	}
	return count
}

// decompressPage undoes the codec. Spark's LZ4 is Hadoop's: blocks behind both
// their lengths, the highest byte first; others write the block alone.
func decompressPage(codec format.CompressionCodec, data []byte, size int) ([]byte, error) {
	if codec != format.Lz4 {
		return parquet.LookupCompressionCodec(codec).Decode(nil, data)
	}
	if size < 0 || size > lz4Most*len(data)+lz4Most {
		return nil, fmt.Errorf("%d bytes in a page of %d", size, len(data))
	}
	out := make([]byte, size)
	if n, ok := hadoopLZ4(out, data); ok {
		return out[:n], nil
	}
	n, err := lz4.UncompressBlock(data, out)
	return out[:max(n, 0)], err
}

// maxPage is the largest page that is unpacked, lz4Most the most that LZ4 can make of a byte.
const (
	maxPage = 1 << 30
	lz4Most = 255
)

func hadoopLZ4(out, data []byte) (n int, ok bool) {
	for len(data) > 8 {
		plain, packed := int(binary.BigEndian.Uint32(data)), int(binary.BigEndian.Uint32(data[4:]))
		if plain > len(out)-n || packed > len(data)-8 {
			return 0, false
		}
		got, err := lz4.UncompressBlock(data[8:8+packed], out[n:n+plain])
		if err != nil || got != plain {
			return 0, false
		}
		n += got
		data = data[8+packed:]
	}
	return n, len(data) == 0 && n == len(out)
}
