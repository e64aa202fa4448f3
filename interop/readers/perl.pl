# Perl's parsers of JSON, and what its web frameworks make of a URL and of a form.
use strict;
use warnings;
no warnings qw(utf8 redefine);
use B ();
use MIME::Base64 qw(decode_base64);
use JSON::PP ();

my (%readers, %missing, @fields);
my $lines = JSON::PP->new->utf8;
my $writer = eval { require JSON::XS; JSON::XS->new->utf8->allow_nonref } || JSON::PP->new->utf8;

# A scalar as text. What is no scalar can never be what the gate says.
sub text {
    my ($value) = @_;
    return undef if !defined $value;
    return $value ? 'true' : 'false' if ref($value) =~ /Boolean|bool/i;
    return $value->bsstr if ref($value) =~ /^Math::Big/; # 1e1000000000 has as many digits
    return '<' . ref($value) . '>' if ref $value;
    return sprintf('%.0f', $value) if B::svref_2object(\$value)->FLAGS & B::SVf_NOK && $value == int($value) && abs($value) < 1e300;
    return "$value";
}

sub pick {
    my ($mapping) = @_;
    return undef if ref $mapping ne 'HASH';
    my %found;
    for my $field (@fields) {
        my $value = text($mapping->{$field});
        $found{$field} = "$value" if defined $value;
    }
    return \%found;
}

sub body {
    my ($name, $module, $parse) = @_;
    my $kind = $module eq 'JSON::PP' || $module eq 'Mojo::JSON' ? 'slow body' : 'body';
    if (eval "require $module; 1") { $readers{$name} = [$kind, sub { pick($parse->($_[2])) }] }
    else { $missing{$name} = (split /\n/, $@)[0] }
}

sub after { my (undef, $query) = split /\?/, $_[0], 2; return defined $query ? $query : '' }

sub utf8 { my ($text) = @_; utf8::decode($text); return $text }

my %objects;
body('JSON::PP', 'JSON::PP', sub { ($objects{pp} ||= JSON::PP->new->utf8)->decode($_[0]) });
body('JSON::XS', 'JSON::XS', sub { JSON::XS::decode_json($_[0]) });
body('Cpanel::JSON::XS', 'Cpanel::JSON::XS', sub { Cpanel::JSON::XS::decode_json($_[0]) });
body('Mojo::JSON', 'Mojo::JSON', sub { Mojo::JSON::decode_json($_[0]) });

if (eval { require Mojo::Parameters; require Mojo::Message::Request; 1 }) {
    my $request = sub {
        my ($target, $type, $body) = @_;
        my $r = Mojo::Message::Request->new;
        my $mime = defined $type ? "Content-Type: $type\r\n" : '';
        $r->parse("POST $target HTTP/1.1\r\nHost: chat.example\r\n${mime}Content-Length: " . length($body) . "\r\n\r\n$body");
        return $r;
    };
    $readers{'Mojo query_params'} = ['slow query', sub { pick($request->($_[0], undef, '')->query_params->to_hash) }];
    $readers{'Mojo body_params'} = ['form', sub { pick($request->(@_)->body_params->to_hash) }];
    $readers{'Mojo params'} = ['params', sub { my $p = $request->(@_)->params; pick({ map { ($_ => $p->param($_)) } @{ $p->names } }) }];
    $readers{'Mojo json'} = ['json', sub { pick($request->(@_)->json) }];
}
else { $missing{'Mojo'} = (split /\n/, $@)[0] }

sub environ {
    my ($target, $type, $body) = @_;
    open my $input, '<', \$body or die;
    my %env = (
        REQUEST_METHOD => 'POST', SCRIPT_NAME => '', PATH_INFO => '/callback', REQUEST_URI => $target, QUERY_STRING => after($target), SERVER_NAME => 'chat.example',
        SERVER_PORT => 80, SERVER_PROTOCOL => 'HTTP/1.1', CONTENT_LENGTH => length $body, 'psgi.input' => $input, 'psgi.version' => [1, 1], 'psgi.url_scheme' => 'http',
        'psgix.input.buffered' => 1,
    );
    $env{CONTENT_TYPE} = $type if defined $type;
    return \%env;
}

sub decoded { my ($values) = @_; return { map { (utf8($_) => utf8($values->get($_))) } $values->keys } }

if (eval { require Plack::Request; require Hash::MultiValue; 1 }) {
    $readers{'Plack query_parameters'} = ['query', sub { pick(decoded(Plack::Request->new(environ(@_))->query_parameters)) }];
    $readers{'Plack body_parameters'} = ['form', sub { pick(decoded(Plack::Request->new(environ(@_))->body_parameters)) }];
    $readers{'Plack parameters'} = ['params', sub { pick(decoded(Plack::Request->new(environ(@_))->parameters)) }];
}
else { $missing{'Plack'} = (split /\n/, $@)[0] }

if (eval { require CGI; 1 }) {
    my $cgi = sub {
        my ($target, $type, $body, $read) = @_;
        local %ENV = (%ENV, REQUEST_METHOD => 'POST', QUERY_STRING => after($target), CONTENT_LENGTH => length $body);
        $ENV{CONTENT_TYPE} = $type if defined $type;
        open my $input, '<', \$body or die;
        local *STDIN = $input;
        CGI::initialize_globals();
        { no warnings 'once'; $CGI::LIST_CONTEXT_WARN = 0; }
        return pick($read->(CGI->new));
    };
    my $all = sub { my ($q, $method) = @_; return { map { (utf8($_) => utf8(scalar $q->$method($_))) } $q->$method } };
    $readers{'CGI url_param'} = ['slow query', sub { $cgi->($_[0], 'application/json', '', sub { $all->($_[0], 'url_param') }) }];
}
else { $missing{'CGI'} = (split /\n/, $@)[0] }

binmode STDIN;
binmode STDOUT;
@fields = @{ $lines->decode(scalar <STDIN>) };
my %hello = ((map { ($_ => $readers{$_}[0]) } keys %readers), map { ($_ => "missing $missing{$_}") } keys %missing);
print $writer->encode(\%hello), "\n";
$| = 1;
$| = 0;
my %letter = (body => 'b', query => 'q', 'slow body' => 's', 'slow query' => 's');
my $output = '';
my $fast = eval { JSON::XS->new->utf8 } || $lines;
while (my $line = <STDIN>) {
    if ($line eq "\n") {
        syswrite STDOUT, $output;
        $output = '';
        next;
    }
    my $request = $fast->decode($line);
    my ($target, $type, $body) = (decode_base64($request->{t}), $request->{c}, decode_base64($request->{b}));
    $type = decode_base64($type) if defined $type;
    my %told;
    for my $name (keys %readers) {
        my ($kind, $read) = @{ $readers{$name} };
        next if index($request->{ask}, $letter{$kind} || 'r') < 0;
        $told{$name} = eval { local $SIG{__WARN__} = sub { }; $read->($target, $type, $body) };
    }
    $output .= $writer->encode(\%told) . "\n";
}
