module github.com/chatgate/chatgate/yaegi

go 1.22

require (
	github.com/chatgate/chatgate v0.0.0
	github.com/mitchellh/mapstructure v1.5.1-0.20231216201459-8508981c8b6c
	github.com/stretchr/testify v1.12.1
	github.com/traefik/yaegi v0.16.1
	go.yaml.in/yaml/v3 v3.0.5
)

replace github.com/chatgate/chatgate => ../
