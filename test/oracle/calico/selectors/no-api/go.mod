// Stands in for Calico's API module, which the selector package does not need and no proxy serves under the version that Calico names.
module github.com/projectcalico/api

go 1.23
