// Fetches one export with the library that the first argument names, and logs as services do what came of it.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

type job struct {
	target  *url.URL
	timeout time.Duration
}

func (j job) address() string {
	port := j.target.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[j.target.Scheme]
	}
	return j.target.Hostname() + ":" + port
}

func (j job) client() *http.Client { return &http.Client{Timeout: j.timeout} }

// The transport's own limits, of which the errors say more than of the client's.
func (j job) withTransportTimeouts() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSHandshakeTimeout = j.timeout
	transport.ResponseHeaderTimeout = j.timeout
	return &http.Client{Transport: transport}
}

func (j job) fetch(client *http.Client) error {
	answer, err := client.Get(j.target.String())
	if err != nil {
		return fmt.Errorf("fetching export: %w", err)
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func (j job) fetchFromS3() error {
	base := j.target.Scheme + "://" + j.target.Host
	client := s3.New(s3.Options{
		BaseEndpoint: &base, Region: "eu-central-1", UsePathStyle: true, RetryMaxAttempts: 1, HTTPClient: j.client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIALABLABLABLAB0000", SecretAccessKey: "lab"}, nil
		}),
	})
	_, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("exports"), Key: aws.String("42.csv")})
	return err
}

func (j job) connectToPostgres() error {
	settings := fmt.Sprintf("postgres://shop@%s/orders?sslmode=%s", j.address(), map[bool]string{true: "require", false: "disable"}[j.target.Scheme == "https"])
	if j.timeout > 0 {
		settings += "&connect_timeout=" + strconv.Itoa(int(j.timeout.Seconds()))
	}
	_, err := pgx.Connect(context.Background(), settings)
	return err
}

func (j job) pingRedis() error {
	return redis.NewClient(&redis.Options{Addr: j.address(), DialTimeout: j.timeout, ReadTimeout: j.timeout, MaxRetries: 1}).Ping(context.Background()).Err()
}

func main() {
	target, err := url.Parse(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	seconds, _ := strconv.Atoi(os.Args[3]) // "none" means no limit, as 0 does
	j := job{target, time.Duration(seconds) * time.Second}
	switch os.Args[1] {
	case "slog-json":
		slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
		err = j.fetch(j.client())
	case "transport":
		err = j.fetch(j.withTransportTimeouts())
	case "panic":
		if err := j.fetch(j.withTransportTimeouts()); err != nil {
			panic(err)
		}
	case "aws":
		err = j.fetchFromS3()
	case "pgx":
		err = j.connectToPostgres()
	case "redis":
		err = j.pingRedis()
	default:
		slog.SetDefault(slog.New(slog.NewTextHandler(os.Stdout, nil)))
		err = j.fetch(j.client())
	}
	if err != nil {
		slog.Error("export failed", "err", err)
		os.Exit(1)
	}
}
