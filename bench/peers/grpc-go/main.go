// What a call costs a server of grpc-go at least: reads Envoy's message, and answers each descriptor with OK.
package main

import (
	"context"
	"log"
	"net"
	"os"

	rls "github.com/envoyproxy/go-control-plane/envoy/service/ratelimit/v3"
	"google.golang.org/grpc"
)

type echo struct {
	rls.UnimplementedRateLimitServiceServer
}

func (echo) ShouldRateLimit(_ context.Context, asked *rls.RateLimitRequest) (*rls.RateLimitResponse, error) {
	answer := &rls.RateLimitResponse{OverallCode: rls.RateLimitResponse_OK}
	for range asked.Descriptors {
		answer.Statuses = append(answer.Statuses, &rls.RateLimitResponse_DescriptorStatus{
			Code: rls.RateLimitResponse_OK,
		})
	}
	return answer, nil
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("which port?")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	rls.RegisterRateLimitServiceServer(server, echo{})
	log.Fatal(server.Serve(listener))
}
