// A client of grpc-go: asks a service over one connection, and prints what came of it. With a certificate of an authority it asks over TLS.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	ratelimit "github.com/envoyproxy/go-control-plane/envoy/extensions/common/ratelimit/v3"
	rls "github.com/envoyproxy/go-control-plane/envoy/service/ratelimit/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
)

const (
	atOnce = 2000
	// No more than a connection may have streams: others would begin only to be reset at once, which servers take for an attack.
	givenUp = 100
)

func main() {
	channel := insecure.NewCredentials()
	if len(os.Args) > 2 {
		var err error
		if channel, err = credentials.NewClientTLSFromFile(os.Args[2], ""); err != nil {
			log.Fatal(err)
		}
	}
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(channel))
	if err != nil {
		log.Fatal(err)
	}
	client := rls.NewRateLimitServiceClient(connection)
	ctx := context.Background()
	fmt.Println("one:", ask(ctx, client, asking("edge", "ada")))
	fmt.Println("many at once:", counted(start(ctx, client, atOnce)))
	fmt.Println("long:", ask(ctx, client, asking("edge", strings.Repeat("long", 50_000))))
	fmt.Println("wrong:", ask(ctx, client, asking("", "ada")))
	giveUp(ctx, client)
	fmt.Println("afterwards:", ask(ctx, client, asking("edge", "ada")))
	fmt.Println("gzip:", ask(ctx, client, asking("edge", "ada"), grpc.UseCompressor(gzip.Name)))
}

func asking(domain, user string) *rls.RateLimitRequest {
	entry := &ratelimit.RateLimitDescriptor_Entry{Key: "user", Value: user}
	return &rls.RateLimitRequest{
		Domain:      domain,
		Descriptors: []*ratelimit.RateLimitDescriptor{{Entries: []*ratelimit.RateLimitDescriptor_Entry{entry}}},
	}
}

// Ok, or the code of the error with its message.
func ask(
	ctx context.Context,
	client rls.RateLimitServiceClient,
	asked *rls.RateLimitRequest,
	options ...grpc.CallOption,
) string {
	if _, err := client.ShouldRateLimit(ctx, asked, options...); err != nil {
		return fmt.Sprintf("%s: %s", status.Code(err), status.Convert(err).Message())
	}
	return "Ok"
}

// Starts calls together, each with a deadline of its own that is far away.
func start(ctx context.Context, client rls.RateLimitServiceClient, count int) <-chan string {
	said := make(chan string, count)
	for call := range count {
		go func() {
			ctx, cancel := context.WithTimeout(ctx, time.Minute+time.Duration(call)*time.Millisecond)
			defer cancel()
			said <- ask(ctx, client, asking("edge", "many"))
		}()
	}
	return said
}

// How many calls ended in which way.
func counted(said <-chan string) string {
	counts := map[string]int{}
	for range atOnce {
		counts[<-said]++
	}
	var parts []string
	for what, count := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", count, what))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// Resets calls that are under way, once the first of them has its answer.
func giveUp(ctx context.Context, client rls.RateLimitServiceClient) {
	ctx, cancel := context.WithCancel(ctx)
	said := start(ctx, client, givenUp)
	<-said
	cancel()
	for range givenUp - 1 {
		<-said
	}
}
