module github.com/projectcalico/calico/lib/httpmachinery

go 1.24.9

require github.com/sirupsen/logrus v1.9.3

require golang.org/x/sys v0.37.0 // indirect
