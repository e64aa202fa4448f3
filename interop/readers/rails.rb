# What Rails makes of a whole request: it merges the URL, and a form or a JSON body, into one.
require 'bigdecimal'
require 'stringio'
require_relative 'lines'

readers = {}
missing = {}
begin
  require 'action_controller'
  require 'action_dispatch'
  request = ->(t, c, b) { ActionDispatch::Request.new(Lines.environ(t, c, b)) }
  readers['rails request_parameters'] = ['form', ->(t, c, b) { request.call(t, c, b).request_parameters }]
  readers['rails query_parameters'] = ['slow query', ->(t, c, b) { request.call(t, c, b).query_parameters }]
  readers['rails params'] = ['params', ->(t, c, b) { request.call(t, c, b).params }]
  readers['active_support json'] = ['slow body', ->(_, _, b) { ActiveSupport::JSON.decode(b.dup.force_encoding('UTF-8')) }]
rescue LoadError => e
  missing['rails'] = e.message
end

Lines.serve(readers, missing)
