// Package schema holds the JSON Schemas and the OpenAPI document of docs/schema against other
// people's tools. It has nothing but tests.
package schema
