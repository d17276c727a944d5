package main

import (
	"fmt"
	"math/rand"
	"strings"
	"unicode/utf16"
)

// quoted writes a string as JSON, at times with escapes that are not needed.
func quoted(r *rand.Rand, text string) string {
	var out strings.Builder
	odd := r.Intn(12) == 0
	out.WriteByte('"')
	for _, c := range text {
		switch {
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&out, `\u%04x\u%04X`, high, low)
		case c < ' ' || odd && r.Intn(3) == 0:
			fmt.Fprintf(&out, []string{`\u%04x`, `\u%04X`}[r.Intn(2)], c)
		case c == '/' && odd:
			out.WriteString(`\/`)
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteRune(c)
		default:
			out.WriteRune(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// key writes the name of a field: as it is for the most part, else as Go, too, would read it.
func key(r *rand.Rand, name string) []byte {
	if r.Intn(3) != 0 {
		return []byte(`"` + name + `"`)
	}
	return []byte(`"` + folded(r, name) + `"`)
}

// folded changes some letters to others that Go takes for them, or that are near to these.
func folded(r *rand.Rand, name string) string {
	var out strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch how := r.Intn(10); {
		case how == 0 && strings.IndexByte("sS", c) >= 0:
			out.WriteString([]string{"\u017f", `\u017f`, `\u017F`, "S", "s", "\u00df"}[r.Intn(6)])
		case how == 0 && strings.IndexByte("kK", c) >= 0:
			out.WriteString([]string{"\u212a", `\u212a`, `\u212A`, "K", "k"}[r.Intn(5)])
		case how == 1 && c >= 'A':
			out.WriteByte(c ^ 0x20)
		case how == 2 && r.Intn(4) == 0:
			fmt.Fprintf(&out, `\u%04x`, c)
		case how == 3 && r.Intn(40) == 0:
			out.WriteString([]string{" ", "\u200b", "\u0307", `\u0000`, ".", "_", "\u0131", "\xff"}[r.Intn(8)])
			out.WriteByte(c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
