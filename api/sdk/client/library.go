package client

import (
	"cmp"
	"fmt"
	"runtime"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/streamdal/streamdal-server/api/pb"
)

const (
	// maxMessage is what the Go and Node SDKs are willing to receive.
	maxMessage = 100 << 20
	// rubyMaxMessage is the default of the library that the Ruby SDK uses.
	rubyMaxMessage = 4 << 20
)

// Library is the SDK that a client plays: what it says about itself, and where its habits
// differ from the Go SDK's.
type Library struct {
	Name, Version, Language, UserAgent string
	// inlineModules: run only what has its module's bytes inside the step.
	inlineModules bool
	// exactService: drop commands whose service is spelled differently.
	exactService bool
	// maxReceive is the largest message it receives, maxMessage when 0.
	maxReceive int
}

// The SDKs that exist.
var (
	Go     = Library{Name: "go-sdk", Version: "v0.1.36", Language: "go", exactService: true}
	Node   = Library{Name: "node-sdk", Version: "0.2.29", Language: "Typescript", UserAgent: "grpc-node-js/1.8.17"}
	Python = Library{Name: "python-sdk", Version: "0.1.18", Language: "python", UserAgent: "grpc-python-grpclib/0.4.6", inlineModules: true}
	Ruby   = Library{Name: "ruby-sdk", Version: "0.0.1", Language: "ruby", UserAgent: "grpc-ruby/1.62.0", maxReceive: rubyMaxMessage}
)

func (l Library) info() *pb.ClientInfo {
	return &pb.ClientInfo{
		ClientType:     pb.ClientType_CLIENT_TYPE_SDK,
		LibraryName:    l.Name,
		LibraryVersion: l.Version,
		Language:       l.Language,
		Arch:           runtime.GOARCH,
		Os:             runtime.GOOS,
	}
}

// Dial prepares a connection as the SDK does: clear text, and its user agent first. Several
// clients may share one.
func (l Library) Dial(address string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	options = append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(cmp.Or(l.maxReceive, maxMessage))),
		grpc.WithUserAgent(l.UserAgent),
	}, options...)
	conn, err := grpc.NewClient(address, options...)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	return conn, nil
}
