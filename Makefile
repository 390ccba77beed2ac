# Tools run by version, so that a build needs nothing installed but Go, Node and make.
BUF        = go run github.com/bufbuild/buf/cmd/buf@v1.75.0
LINT       = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GORELEASER = go run github.com/goreleaser/goreleaser/v2@v2.15.1

FUZZTIME ?= 20s
GO_FILES  = $(shell git ls-files '*.go' ':!api/pb')

.PHONY: run test race fuzz lint ui screenshots proto check bench release-check release-snapshot release

run: ## the server with sample services
	go run . serve --demo

test: ## everything the tests need, then all tests
	.ci/setup
	.ci/gotest -timeout 40m ./...
	cd packaging/monitoring && ../../.ci/gotest ./...
	cd ui && npm test

race: ## Go tests under the race detector, but for figures of speed, browsers and packages; of rules, which run on one goroutine, only what shares
	.ci/gotest -race -timeout 40m -skip 'ThousandSessions|TestPace|TestBrowser' $$(go list ./... | grep -v -e /wasmbuild -e /packaging)
	.ci/gotest -race -timeout 40m ./wasmbuild -run 'Hammer|Cache|Cancelled|PerAudience|Verifier'
	.ci/gotest -race -timeout 40m ./wasmbuild/runner

fuzz: ## each fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

lint: ## static analysis
	$(LINT) run

ui: ## rebuild the Console into ui/dist
	cd ui && npm ci --ignore-scripts && npm run build

screenshots: ## take the pictures in docs/ of a demo, with the Console of ui/dist
	SCREENSHOT_DIR=$(CURDIR)/docs WARM=60 go test -count=1 -timeout 10m ./cli -run 'TestBrowser$$/pictures'

proto: ## regenerate Go and TypeScript from api/proto
	cd api/proto && $(BUF) generate
	cd ui && npm ci --ignore-scripts && npm run generate

check: proto ui ## what is generated is what is committed; formatting; vet; other systems
	test -z "$$(gofmt -l $(GO_FILES))"
	go vet ./...
	for os in darwin windows; do CGO_ENABLED=0 GOOS=$$os GOARCH=arm64 go build -trimpath -o /dev/null . || exit 1; done
	git diff --exit-code -- api/pb ui/src/gen ui/dist

bench: ## speed and size of compiled rules
	go test -run '^$$' -bench . -benchmem ./wasmbuild/...

# A bill of materials takes syft, a signature cosign and somebody who logs in for it.
NO_SBOM = $(if $(shell command -v syft),,--skip=sbom)
NO_SIGN = $(if $(shell command -v cosign),,--skip=sign)

release-check: ## what a release is made of: the description, packages, unit, container
	$(GORELEASER) check
	go test -count=1 ./packaging

release-snapshot: ## archives and packages for every platform, into dist/
	$(GORELEASER) release --snapshot --clean --skip=sign $(NO_SBOM)

release: ## the same of the tag checked out, and publish it; needs GITHUB_TOKEN
	$(GORELEASER) release --clean $(NO_SBOM) $(NO_SIGN)
