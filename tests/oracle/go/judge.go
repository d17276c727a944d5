package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// judge is dsp's side: a process that is told of requests and answers whether dsp would let their bodies pass.
type judge struct {
	in  *bufio.Writer
	out *bufio.Reader
}

func startJudge(program, folder string) (*judge, error) {
	var files []string
	for _, one := range levels {
		files = append(files, filepath.Join(folder, one.file))
	}
	command := exec.Command(program, files...)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &judge{bufio.NewWriterSize(in, 1<<16), bufio.NewReaderSize(out, 1<<16)}, command.Start()
}

// A request is: the policy's number, the method and target, the body; the last two with their lengths before them.
func (j *judge) send(l *level, f fixture, body []byte) {
	j.in.WriteByte(byte(l.number))
	binary.Write(j.in, binary.LittleEndian, uint32(len(f.target)))
	j.in.WriteString(f.target)
	binary.Write(j.in, binary.LittleEndian, uint32(len(body)))
	j.in.Write(body)
}

// The answer is a phrase with its length before it: why not; empty when it is allowed.
func (j *judge) receive() string {
	var length [1]byte
	if _, err := io.ReadFull(j.out, length[:]); err != nil {
		bail(err)
	}
	text := make([]byte, length[0])
	if _, err := io.ReadFull(j.out, text); err != nil {
		bail(err)
	}
	return string(text)
}

func (j *judge) judge(l *level, from []fixture, text [][]byte) []bool {
	sent := make(chan struct{})
	go func() {
		for i := range from {
			j.send(l, from[i], text[i])
		}
		j.in.Flush()
		close(sent)
	}()
	out := make([]bool, len(from))
	for i := range out {
		out[i] = j.receive() == ""
	}
	<-sent
	return out
}

func (j *judge) ask(l *level, f fixture, body []byte) bool {
	return j.judge(l, []fixture{f}, [][]byte{body})[0]
}

func (j *judge) judgeAll(l *level, all []fixture) []string {
	var out []string
	for _, one := range all {
		j.send(l, one, one.body)
		j.in.Flush()
		out = append(out, j.receive())
	}
	return out
}
