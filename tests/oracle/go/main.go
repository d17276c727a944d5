// The oracle: does dsp read a body as dockerd does? Go's own decoder, with structs like dockerd's, is the judge of dsp.
//
//	oracle -judge PROGRAM -policies DIR -data DIR [-bodies N] [-seed N] [-debian]
//
// PROGRAM is judge.c: dsp's pure parts. Prints TAP. Whenever dsp allows a body, what Go decodes from it must contain nothing
// dangerous: of what clients were recorded to send, and of N bodies that are made of it and of the schema, and broken.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"
)

var (
	judgePath = flag.String("judge", "", "dsp's side")
	policies  = flag.String("policies", "", "the folder of the policies")
	data      = flag.String("data", "", "the folder of the recorded bodies")
	bodies    = flag.Int("bodies", 1000000, "how many bodies to make")
	seed      = flag.Int64("seed", 1, "of the bodies: the same number, the same bodies")
	debian    = flag.Bool("debian", false, "the engine of Debian must be among the engines")
)

// A level is a policy of dsp's, and what is dangerous at it.
type level struct {
	file    string // below -policies
	number  int    // by which the judge knows it
	dangers map[string]rules
	missing func(operation string, decoded reflect.Value) string
}

var (
	plain    = &level{"plain.ini", 0, dangers, func(string, reflect.Value) string { return "" }}
	ordinary = &level{file: "ordinary.ini", number: 1} // only asked about what was recorded
	granted  = &level{"granted.ini", 2, grantedDangers, missing}
	levels   = []*level{plain, ordinary, granted}
)

var tests, failed int

// point prints a test point; what failed is told in the lines that follow.
func point(good bool, name string, told ...string) {
	tests++
	verdict := "ok"
	if !good {
		failed++
		verdict = "not ok"
	}
	fmt.Printf("%s %d - %s\n", verdict, tests, name)
	for i, line := range told {
		if i == 200 {
			fmt.Printf("# ... and %d more\n", len(told)-i)
			break
		}
		fmt.Println("# " + strings.ReplaceAll(line, "\n", "\n# "))
	}
}

func main() {
	flag.Parse()
	good, err := readFixtures(filepath.Join(*data, "*-ordinary.jsonl"))
	bad, err2 := readFixtures(filepath.Join(*data, "*-dangerous.jsonl"))
	named, err3 := readFixtures(filepath.Join(*policies, "granted.jsonl"))
	if err != nil || err2 != nil || err3 != nil {
		bail(err, err2, err3)
	}
	dsp, err := startJudge(*judgePath, *policies)
	if err != nil {
		bail(err)
	}
	fmt.Println("TAP version 13")
	recorded(dsp, good, bad, named)
	controls(good, bad)
	if *debian {
		point(len(engines["ContainerCreate"]) > 2, "the engine of Debian is among the engines")
	} else {
		point(true, "the engine of Debian is among the engines # SKIP its sources are not here")
	}
	differential(dsp, plain, newMaker(*seed, good, bad), *bodies-*bodies/4, "at a policy that names nothing")
	differential(dsp, granted, newMaker(*seed, named, bad), *bodies/4, "at a policy that names much and asks for much")
	fmt.Printf("1..%d\n", tests)
	if failed > 0 {
		os.Exit(1)
	}
}

func bail(errs ...error) {
	fmt.Println("Bail out!", errs)
	os.Exit(1)
}

// danger is what the first engine that would obey the body finds dangerous in it; or "".
func (l *level) danger(operation string, body []byte) string {
	for _, engine := range engines[operation] {
		if what := l.dangerTo(engine, operation, body); what != "" {
			return what
		}
	}
	return ""
}

func (l *level) dangerTo(engine engine, operation string, body []byte) string {
	decoded := engine.decode(body)
	if decoded == nil {
		return ""
	}
	what := found(l.dangers[operation], "", reflect.ValueOf(decoded))
	if what == "" {
		what = l.missing(operation, reflect.ValueOf(decoded))
	}
	if what != "" {
		what = fmt.Sprintf("to an engine %s %s", engine.name, what)
	}
	return what
}

// What was recorded: the oracle must not be blind, nor see ghosts, and dsp must tell one from the other.
func recorded(dsp *judge, good, bad, named []fixture) {
	var blind, allowed, refused, ghosts []string
	for _, one := range bad {
		if plain.danger(one.operation, one.body) == "" {
			blind = append(blind, one.story())
		}
	}
	for _, one := range good {
		if what := plain.danger(one.operation, one.body); what != "" && dsp.ask(plain, one, one.body) {
			ghosts = append(ghosts, what+" of "+one.story())
		}
	}
	for i, verdict := range dsp.judgeAll(plain, bad) {
		if verdict == "" {
			allowed = append(allowed, bad[i].story())
		}
	}
	for i, verdict := range dsp.judgeAll(ordinary, good) {
		if verdict != "" {
			refused = append(refused, verdict+": "+good[i].story())
		}
	}
	for i, verdict := range dsp.judgeAll(granted, named) {
		if verdict != "" {
			refused = append(refused, verdict+": "+named[i].story())
		}
	}
	point(len(blind) == 0, fmt.Sprintf("Go finds what is dangerous in each of %d dangerous bodies of real clients", len(bad)), blind...)
	point(len(allowed) == 0, fmt.Sprintf("dsp refuses each of %d dangerous bodies of real clients", len(bad)), allowed...)
	point(len(refused) == 0, fmt.Sprintf("dsp allows each of %d ordinary bodies of real clients", len(good)), refused...)
	point(len(ghosts) == 0, "what dsp allows of ordinary bodies at a policy that names nothing has nothing dangerous", ghosts...)
}

func (f fixture) story() string { return fmt.Sprintf("%s, %s (%s)", f.operation, f.what, f.file) }

// differential lets dsp judge ${bodies} bodies, and Go what dsp has allowed.
func differential(dsp *judge, l *level, m *maker, bodies int, at string) {
	const batch = 256
	started, count, allowed, hostile := time.Now(), 0, 0, 0
	var holes []string
	seen, told := map[string]int{}, map[string]bool{}
	from, text := make([]fixture, batch), make([][]byte, batch)
	for count < bodies && len(holes) < 20 {
		for i := range from {
			from[i], text[i] = m.body()
		}
		for i, yes := range dsp.judge(l, from, text) {
			count++
			if !yes {
				// What dsp refuses may be anything; that much of it is dangerous is what makes this a test.
				if count%16 == 0 && l.danger(from[i].operation, text[i]) != "" {
					hostile += 16
				}
				continue
			}
			allowed++
			seen[from[i].operation]++
			what := l.danger(from[i].operation, text[i])
			// One of a kind is enough.
			if kind := from[i].operation + strings.SplitN(what, " = ", 2)[0]; what != "" && !told[kind] {
				told[kind] = true
				holes = append(holes, l.hole(dsp, from[i], text[i], what))
			}
		}
	}
	point(len(holes) == 0, fmt.Sprintf("of %d bodies %s dsp allows none in which Go finds something dangerous (seed %d)", count, at, *seed), holes...)
	fmt.Printf("# %.0f s: %d allowed, about %d dangerous\n", time.Since(started).Seconds(), allowed, hostile)
	var never []string
	for _, one := range m.ordinary {
		if l.number == granted.number || !among(one.operation, "SwarmInit", "SwarmUpdate", "NodeUpdate") {
			if seen[one.operation] < count/5000 {
				never = append(never, fmt.Sprintf("%s: %d allowed", one.operation, seen[one.operation]))
			}
		}
	}
	point(allowed >= count/20 && hostile >= count/10, "a twentieth of them and more was allowed, and a tenth and more was dangerous")
	point(len(never) == 0, "some of each operation that clients use was allowed", never...)
}

// hole is a body that dsp allows and should not, made as small as it can be.
func (l *level) hole(dsp *judge, f fixture, text []byte, what string) string {
	still := func(smaller []byte) bool {
		return dsp.ask(l, f, smaller) && l.danger(f.operation, smaller) != ""
	}
	if json.Valid(text) {
		text = shrink(parse(text), still)
		what = l.danger(f.operation, text)
	}
	return fmt.Sprintf("%s: %s\n    %q", f.operation, what, text)
}

// shrink takes away members and elements for as long as ${still} holds.
func shrink(tree *node, still func([]byte) bool) []byte {
	for again := true; again; {
		again = false
		for _, at := range places(tree, "", nil) {
			members, items := at.parent.members, at.parent.items
			if at.index >= len(members)+len(items) {
				continue
			}
			remove(nil, nil, at, nil)
			if still(tree.bytes()) {
				again = true
				break
			}
			at.parent.members, at.parent.items = members, items
		}
	}
	return tree.bytes()
}
