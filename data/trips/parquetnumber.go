package trips

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// leaf is a column as the file declares it.
type leaf struct {
	name string
	*format.SchemaElement
	meta metadata
}

// unreadable names what cannot be read by column and type.
func (l leaf) unreadable(as string) error {
	return fmt.Errorf("parquet: column %s of type %s cannot be read as %s", l.name, l.typeName(), as)
}

// typeName is the physical type, with the logical one where there is one.
func (l leaf) typeName() string {
	if !l.Type.Valid {
		if s := l.LogicalType.String(); s != "" {
			return s
		}
		return "group"
	}
	name := l.Type.V.String()
	if l.Type.V == format.FixedLenByteArray {
		name += fmt.Sprintf("(%d)", l.TypeLength.V)
	}
	logical := l.LogicalType.String()
	if logical == "" && l.ConvertedType.Valid {
		logical = convertedName(l.ConvertedType.V)
	}
	if logical != "" {
		name += " (" + logical + ")"
	}
	if l.RepetitionType.V == format.Repeated {
		name = "repeated " + name
	}
	return name
}

// convertedNames are the older annotations in their order.
var convertedNames = strings.Fields("UTF8 MAP MAP_KEY_VALUE LIST ENUM DECIMAL DATE TIME_MILLIS TIME_MICROS TIMESTAMP_MILLIS TIMESTAMP_MICROS " +
	"UINT_8 UINT_16 UINT_32 UINT_64 INT_8 INT_16 INT_32 INT_64 JSON BSON INTERVAL")

func convertedName(c deprecated.ConvertedType) string {
	if c < 0 || int(c) >= len(convertedNames) {
		return fmt.Sprintf("annotation %d", c)
	}
	return convertedNames[c]
}

// plain reports whether the column has a physical type and nothing more.
func (l leaf) plain() bool { return l.LogicalType.Value == nil && !l.ConvertedType.Valid }

// converted is the type's older annotation, where there is no newer one; -1: none.
func (l leaf) converted() deprecated.ConvertedType {
	if l.LogicalType.Value != nil || !l.ConvertedType.Valid {
		return -1
	}
	return l.ConvertedType.V
}

// text reports whether the values are texts. Impala and others leave bytes without a type.
func (l leaf) text() bool {
	if l.Type.V != format.ByteArray {
		return false
	}
	switch l.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType:
		return true
	}
	return l.plain() || l.converted() == deprecated.UTF8 || l.converted() == deprecated.Enum
}

// decimal is the scale of a decimal number.
func (l leaf) decimal() (scale int, is bool) {
	if d, ok := l.LogicalType.Value.(*format.DecimalType); ok {
		return int(d.Scale), true
	}
	return int(l.Scale.V), l.converted() == deprecated.Decimal
}

// integer says whether the values are whole numbers, and whether they have no sign.
func (l leaf) integer() (unsigned, is bool) {
	if i, ok := l.LogicalType.Value.(*format.IntType); ok {
		return !i.IsSigned, true
	}
	switch c := l.converted(); {
	case c >= deprecated.Uint8 && c <= deprecated.Uint64:
		return true, true
	case c >= deprecated.Int8 && c <= deprecated.Int64:
		return false, true
	}
	return false, l.plain()
}

// number is how values of the column are read as numbers. The error names the
// column and its type.
func (l leaf) number() (func(parquet.Value) (float64, Reason), error) {
	scale, decimal := l.decimal()
	unsigned, integer := l.integer()
	_, null := l.LogicalType.Value.(*format.NullType)
	_, half := l.LogicalType.Value.(*format.Float16Type)
	physical := l.Type.V
	switch {
	case !l.Type.Valid || l.RepetitionType.V == format.Repeated:
	case null: // a column in which every value is absent
		return func(parquet.Value) (float64, Reason) { return 0, BadNumber }, nil
	case decimal && (scale < 0 || scale > maxScale):
	case decimal && physical == format.Int32:
		return func(v parquet.Value) (float64, Reason) { return scaled(int64(v.Int32()), scale), "" }, nil
	case decimal && physical == format.Int64:
		return func(v parquet.Value) (float64, Reason) { return scaled(v.Int64(), scale), "" }, nil
	case decimal && (physical == format.FixedLenByteArray || physical == format.ByteArray):
		return func(v parquet.Value) (float64, Reason) { return bigDecimal(v.ByteArray(), scale) }, nil
	case half && physical == format.FixedLenByteArray && l.TypeLength.V == 2:
		return func(v parquet.Value) (float64, Reason) { return finite(float16(v.ByteArray())) }, nil
	case physical == format.Int32 && integer && unsigned:
		return func(v parquet.Value) (float64, Reason) { return float64(uint32(v.Int32())), "" }, nil
	case physical == format.Int64 && integer && unsigned:
		return func(v parquet.Value) (float64, Reason) { return float64(uint64(v.Int64())), "" }, nil
	case physical == format.Int32 && integer:
		return func(v parquet.Value) (float64, Reason) { return float64(v.Int32()), "" }, nil
	case physical == format.Int64 && integer:
		return func(v parquet.Value) (float64, Reason) { return float64(v.Int64()), "" }, nil
	case physical == format.Float && l.plain():
		return func(v parquet.Value) (float64, Reason) { return finite(float64(v.Float())) }, nil
	case physical == format.Double && l.plain():
		return func(v parquet.Value) (float64, Reason) { return finite(v.Double()) }, nil
	case l.text():
		return func(v parquet.Value) (float64, Reason) { return parseNumber(v.ByteArray()) }, nil
	}
	return nil, l.unreadable("a number")
}

// finite takes the sign off zero, as parseNumber does.
func finite(f float64) (float64, Reason) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, NotFinite
	}
	return f + 0, ""
}

// maxScale is the most digits behind the point: BigQuery's BIGNUMERIC has 38.
const maxScale = 76

// scaled is a decimal number as the nearest float64, which is what its text is
// read as.
func scaled(unscaled int64, scale int) float64 {
	if unscaled < 1<<53 && unscaled > -1<<53 && scale < len(tens) {
		return float64(unscaled) / tens[scale]
	}
	f, _ := decimalText(big.NewInt(unscaled), scale)
	return f
}

// bigDecimal reads the bytes of a decimal number: two's complement, the highest first.
func bigDecimal(b []byte, scale int) (float64, Reason) {
	if len(b) == 0 {
		return 0, BadNumber
	}
	negative := b[0]&0x80 != 0
	short := b // without the bytes that only repeat the sign
	for len(short) > 8 && (short[0] == 0 && short[1]&0x80 == 0 || short[0] == 0xff && short[1]&0x80 != 0) {
		short = short[1:]
	}
	if len(short) <= 8 {
		var v int64
		if negative {
			v = -1
		}
		for _, c := range short {
			v = v<<8 | int64(c)
		}
		return scaled(v, scale), ""
	}
	v := new(big.Int).SetBytes(b)
	if negative {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return decimalText(v, scale)
}

// decimalText reads the number through its text, rounded once.
func decimalText(v *big.Int, scale int) (float64, Reason) {
	text := new(big.Int).Abs(v).String()
	if len(text) <= scale {
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	text = text[:len(text)-scale] + "." + text[len(text)-scale:]
	if v.Sign() < 0 {
		text = "-" + text
	}
	return parseNumber([]byte(text))
}

// float16 is a number of half precision (IEEE 754), the lowest byte first.
func float16(b []byte) float64 {
	bits := uint16(b[0]) | uint16(b[1])<<8
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		f = math.Inf(1)
		if fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 != 0 {
		f = -f
	}
	return f
}

// leaves are the file's columns in its order, and an error if one with a name of a
// trip's column is no plain column.
func leaves(file *parquet.File) ([]leaf, error) {
	meta := newMetadata(file)
	var all []leaf
	paths := file.Schema().Columns()
	schema := file.Metadata().Schema
	for i := range schema {
		if schema[i].Type.Valid && len(all) < len(paths) {
			all = append(all, leaf{strings.Join(paths[len(all)], "."), &schema[i], meta})
		}
	}
	for i := range schema {
		_, known := columnNames[strings.ToLower(strings.TrimSpace(schema[i].Name))]
		inside := func(path []string) bool { return len(path) > 1 && path[0] == schema[i].Name }
		if known && !schema[i].Type.Valid && slices.ContainsFunc(paths, inside) {
			return nil, leaf{schema[i].Name, &schema[i], meta}.unreadable("a time or a number")
		}
	}
	return all, nil
}
