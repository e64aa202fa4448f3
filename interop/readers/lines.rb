# The protocol between the driver and a Ruby program: a line with a request in, a line with what each reader read out.
require 'json'

module Lines
  module_function

  # A scalar as text. What is no scalar can never be what the gate says.
  def text(value)
    case value
    when nil then nil
    when String, Symbol then value.to_s
    when true, false, Integer then value.to_s
    when Float then value.finite? && value == value.floor && value.abs < 1e300 ? value.to_i.to_s : value.to_s
    when BigDecimal then value.exponent.abs < 400 ? value.to_s('F') : value.to_s
    else "<#{value.class}>"
    end
  end

  def pick(mapping, fields)
    return nil unless mapping.respond_to?(:key?)
    fields.each_with_object({}) do |field, found|
      value = text(mapping[field])
      found[field] = value.dup.force_encoding('UTF-8').scrub unless value.nil?
    end
  end

  # serve takes readers: a name to a kind and a block of target, content type or nil, and body.
  def serve(readers, missing)
    $stdin.binmode
    $stdout.binmode
    fields = JSON.parse($stdin.gets)
    hello = readers.transform_values(&:first).merge(missing.transform_values { |why| "missing #{why}" })
    $stdout.puts(JSON.generate(hello))
    $stdout.flush
    letters = { 'body' => 'b', 'query' => 'q' }
    by_letter = readers.group_by { |_, (kind, _)| kind.start_with?('slow ') ? 's' : letters.fetch(kind, 'r') }
    while (line = $stdin.gets)
      if line == "\n"
        $stdout.flush
        next
      end
      request = JSON.parse(line)
      target = request['t'].unpack1('m0')
      kind = request['c'] && request['c'].unpack1('m0')
      body = request['b'].unpack1('m0')
      told = {}
      request['ask'].each_char do |letter|
        (by_letter[letter] || []).each do |name, (_, read)|
          told[name] = begin
            pick(read.call(target, kind, body), fields)
          rescue StandardError, SystemStackError
            nil
          end
        end
      end
      $stdout.write(JSON.generate(told), "\n")
    end
  end

  def environ(target, kind, body)
    path, query = target.split('?', 2)
    found = {
      'REQUEST_METHOD' => 'POST', 'SCRIPT_NAME' => '', 'PATH_INFO' => path, 'QUERY_STRING' => query || '', 'SERVER_NAME' => 'chat.example', 'SERVER_PORT' => '80',
      'HTTP_HOST' => 'chat.example', 'CONTENT_LENGTH' => body.bytesize.to_s, 'rack.input' => StringIO.new(body), 'rack.errors' => StringIO.new, 'rack.url_scheme' => 'http',
      'REMOTE_ADDR' => '127.0.0.1'
    }
    found['CONTENT_TYPE'] = kind unless kind.nil?
    found
  end
end
