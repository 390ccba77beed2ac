package frame_test

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
)

func command(payload int) *pb.Command {
	return &pb.Command{
		Audience: &pb.Audience{ServiceName: "svc"},
		Command: &pb.Command_Kv{Kv: &pb.KVCommand{Instructions: []*pb.KVInstruction{
			{Id: "1", Object: &pb.KVObject{Key: "k", Value: bytes.Repeat([]byte{7}, payload)}},
		}}},
	}
}

func TestMessagesSurviveTheCodec(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"empty": 0, "small": 100, "pooled": 1 << 16, "large": 5 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := command(size)
			encoded, err := frame.Encode(want)
			if err != nil {
				t.Fatal(err)
			}
			for kind, v := range map[string]any{"message": want, "frame": encoded} {
				data, err := frame.Codec{}.Marshal(v)
				if err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
				got := &pb.Command{}
				if err := (frame.Codec{}).Unmarshal(data, got); err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
				if !proto.Equal(got, want) {
					t.Errorf("%s: the message changed on its way", kind)
				}
				data.Free()
			}
		})
	}
}

func TestFrameIsSentWithoutACopy(t *testing.T) {
	t.Parallel()
	f, err := frame.Encode(command(1 << 16))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // gRPC frees what it sent; the frame must stay usable
		data, err := frame.Codec{}.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) != 1 || unsafe.SliceData(data[0].ReadOnlyData()) != unsafe.SliceData(f.Bytes()) {
			t.Fatal("the codec copied the frame")
		}
		data.Free()
	}
}

func TestReadingIntoAFrame(t *testing.T) {
	t.Parallel()
	want, err := frame.Encode(command(10))
	if err != nil {
		t.Fatal(err)
	}
	parts := mem.BufferSlice{mem.SliceBuffer(want.Bytes()[:5]), mem.SliceBuffer(want.Bytes()[5:])}
	var got frame.Frame
	if err := (frame.Codec{}).Unmarshal(parts, &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) || got.Len() != want.Len() {
		t.Errorf("got %x, want %x", got.Bytes(), want.Bytes())
	}
	decoded := &pb.Command{}
	if err := got.Decode(decoded); err != nil || !proto.Equal(decoded, command(10)) {
		t.Errorf("got %v (%v), want %v", decoded, err, command(10))
	}
}

func TestForeignTypesAndBadMessagesAreErrors(t *testing.T) {
	t.Parallel()
	if _, err := (frame.Codec{}).Marshal("text"); err == nil || !strings.Contains(err.Error(), "string") {
		t.Errorf("got %v, want an error that names the type", err)
	}
	var s string
	if err := (frame.Codec{}).Unmarshal(nil, &s); err == nil {
		t.Error("decoded into a string")
	}
	notUTF8 := &pb.Audience{ServiceName: "\xff" + strings.Repeat("x", 1<<16)}
	if _, err := (frame.Codec{}).Marshal(notUTF8); err == nil {
		t.Error("encoded a string that is not UTF-8")
	}
	if _, err := frame.Encode(notUTF8); err == nil {
		t.Error("made a frame of a string that is not UTF-8")
	}
}
