# Ruby's parsers of JSON, and what Rack makes of a URL and of a form.
require 'bigdecimal'
require 'stringio'
require_relative 'lines'

readers = {}
missing = {}
utf8 = ->(body) { body.dup.force_encoding('UTF-8') }
body = ->(name, parse) { readers[name] = ['body', ->(_, _, raw) { parse.call(utf8.call(raw)) }] }

body.call('json', ->(t) { JSON.parse(t) })
body.call('json, symbols', ->(t) { JSON.parse(t, symbolize_names: true).transform_keys(&:to_s) })
body.call('json, load', ->(t) { JSON.load(t) })
require 'uri'
readers['URI.decode_www_form'] = ['query', ->(t, _, _) { URI.decode_www_form(t.split('?', 2)[1] || '').reverse.to_h }]

begin
  require 'oj'
  body.call('oj, strict', ->(t) { Oj.strict_load(t) })
  body.call('oj, compat', ->(t) { Oj.load(t, mode: :compat) })
  body.call('oj, rails', ->(t) { Oj.load(t, mode: :rails) })
  body.call('oj, object', ->(t) { Oj.load(t) })
rescue LoadError => e
  missing['oj'] = e.message
end

begin
  require 'yajl'
  body.call('yajl', ->(t) { Yajl::Parser.parse(t) })
rescue LoadError => e
  missing['yajl'] = e.message
end

begin
  require 'rack'
  request = ->(t, c, b) { Rack::Request.new(Lines.environ(t, c, b)) }
  readers['rack GET'] = ['query', ->(t, c, b) { request.call(t, c, b).GET }]
  readers['rack parse_query'] = ['query', ->(t, _, _) { Rack::Utils.parse_query(t.split('?', 2)[1]) }]
  readers['rack POST'] = ['form', ->(t, c, b) { request.call(t, c, b).POST }]
  readers['rack params'] = ['params', ->(t, c, b) { request.call(t, c, b).params }]
rescue LoadError => e
  missing['rack'] = e.message
end

Lines.serve(readers, missing)
