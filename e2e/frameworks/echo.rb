# Rack in WEBrick. It answers with what it understood, and with the gate's headers.
require 'json'
require 'rack'
require 'webrick'

def told
  yield
rescue StandardError
  nil
end

handler = lambda do |env|
  request = Rack::Request.new(env)
  raw = request.body.read
  request.body.rewind
  answer = {
    headers: { GroupId: env['HTTP_X_CHAT_GROUP_ID'], Operator_Account: env['HTTP_X_CHAT_OPERATOR'], SdkAppid: env['HTTP_X_CHAT_APP'] },
    json: told { JSON.parse(raw) },
    form: told { request.POST },
    query: told { request.GET }
  }
  [200, { 'Content-Type' => 'application/json' }, [JSON.generate(answer)]]
end

quiet = WEBrick::Log.new(File::NULL)
Rack::Handler::WEBrick.run(handler, Host: '127.0.0.1', Port: Integer(ARGV[0]), Logger: quiet, AccessLog: [])
