// Package frame lets one encoded message be sent on many gRPC streams. A Frame holds the
// message's bytes; Codec passes them through without encoding or copying them again, and
// treats every other value as the protobuf message that it is.
package frame

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// Frame is one message, encoded. It must not be changed once it was made: any number of
// streams may be sending it.
type Frame struct {
	bytes []byte
}

// Encode returns m as a frame; equal messages give equal bytes. The error is protobuf's,
// for a message that cannot be encoded, such as one with a string that is not UTF-8.
func Encode(m proto.Message) (Frame, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return Frame{}, fmt.Errorf("encode %s: %w", m.ProtoReflect().Descriptor().FullName(), err)
	}
	return Frame{bytes: b}, nil
}

// Of returns a frame of bytes that are already encoded. The caller gives them away.
func Of(encoded []byte) Frame { return Frame{bytes: encoded} }

// Bytes returns the encoded message. The caller must not change it.
func (f Frame) Bytes() []byte { return f.bytes }

// Len returns the size of the encoded message in bytes.
func (f Frame) Len() int { return len(f.bytes) }

// Decode parses the frame into m, with protobuf's error when it is not an encoded m.
func (f Frame) Decode(m proto.Message) error { return proto.Unmarshal(f.bytes, m) }

// Codec is the "proto" codec of a server that sends frames. It is to be forced on the
// server (grpc.ForceServerCodecV2), so that every content subtype uses it; reading and
// writing protobuf messages works as with gRPC's own.
type Codec struct{}

var _ encoding.CodecV2 = Codec{}

// Name is that of gRPC's own protobuf codec, because what goes over the wire is the same.
func (Codec) Name() string { return "proto" }

// Marshal returns the bytes of a Frame as they are, or encodes a protobuf message. Any
// other type is an error.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	switch m := v.(type) {
	case Frame:
		return mem.BufferSlice{mem.SliceBuffer(m.bytes)}, nil
	case proto.Message:
		return marshal(m)
	default:
		return nil, fmt.Errorf("encode %T: neither a frame nor a protobuf message", v)
	}
}

// marshal takes large buffers from gRPC's pool, which gets them back after the write.
func marshal(m proto.Message) (mem.BufferSlice, error) {
	size := proto.Size(m)
	options := proto.MarshalOptions{UseCachedSize: true}
	if mem.IsBelowBufferPoolingThreshold(size) {
		b, err := options.Marshal(m)
		if err != nil {
			return nil, err
		}
		return mem.BufferSlice{mem.SliceBuffer(b)}, nil
	}
	pool := mem.DefaultBufferPool()
	buf := pool.Get(size)
	b, err := options.MarshalAppend((*buf)[:0], m)
	if err != nil {
		pool.Put(buf)
		return nil, err
	}
	*buf = b
	return mem.BufferSlice{mem.NewBuffer(buf, pool)}, nil
}

// Unmarshal copies the bytes into a *Frame, or parses them into a protobuf message. Any
// other type is an error.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	switch m := v.(type) {
	case *Frame:
		m.bytes = data.Materialize()
		return nil
	case proto.Message:
		buf := data.MaterializeToBuffer(mem.DefaultBufferPool())
		defer buf.Free()
		return proto.Unmarshal(buf.ReadOnlyData(), m)
	default:
		return fmt.Errorf("decode into %T: neither a frame nor a protobuf message", v)
	}
}
