// The protocol between the driver and a program in C: a line with a request in, a line with what each reader read out.
// A file that includes this says what its readers are, and calls serve.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *fields[64];
static int field_count;

static void quote(const char *text, size_t length) {
  putchar('"');
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') printf("\\%c", c);
    else if (c < ' ' || c == 0x7f) printf("\\u%04x", c);
    else putchar(c);
  }
  putchar('"');
}

static const char *comma;

static void begin(const char *reader, int understood) {
  printf("%s", comma);
  quote(reader, strlen(reader));
  printf(understood ? ":{" : ":null");
  comma = "";
}

static void end(int understood) {
  if (understood) putchar('}');
  comma = ",";
}

// found_text is for a string as C has it: it ends at its first NUL.
static void found_text(const char *field, const char *text) {
  printf("%s", comma);
  quote(field, strlen(field));
  putchar(':');
  quote(text, strlen(text));
  comma = ",";
}

static void found_double(const char *field, double number) {
  char text[400];
  if (number == floor(number) && fabs(number) < 1e300) snprintf(text, sizeof text, "%.0f", number);
  else snprintf(text, sizeof text, "%.17g", number);
  double shorter;
  for (int digits = 1; digits < 17 && number != floor(number); digits++) {
    char tried[64];
    snprintf(tried, sizeof tried, "%.*g", digits, number);
    if (sscanf(tried, "%lf", &shorter) == 1 && shorter == number) {
      strcpy(text, tried);
      break;
    }
  }
  found_text(field, text);
}

static void found_integer(const char *field, long long number) {
  char text[32];
  snprintf(text, sizeof text, "%lld", number);
  found_text(field, text);
}

// decode turns base64 into bytes, with a NUL behind them.
static char *decode(const char *from, size_t length, size_t *decoded) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static signed char values[256];
  if (!values['B'])
    for (int i = 0; i < 64; i++) values[(unsigned char)digits[i]] = (signed char)i;
  char *to = (char *)malloc(length + 4);
  size_t n = 0;
  unsigned bits = 0;
  int have = 0;
  for (size_t i = 0; i < length && from[i] != '='; i++) {
    bits = bits << 6 | (unsigned)values[(unsigned char)from[i]];
    if ((have += 6) >= 8) {
      have -= 8;
      to[n++] = (char)(bits >> have & 255);
    }
  }
  to[n] = 0;
  *decoded = n;
  return to;
}

// serve hands each body to read, with a NUL behind its length.
static int serve(const char *hello, void (*read)(const char *body, size_t length)) {
  static char buffer[1 << 16];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  char *line = NULL;
  size_t room = 0;
  ssize_t length = getline(&line, &room, stdin);
  if (length < 0) return 1;
  for (char *at = strtok(strdup(line), "[]\",\n"); at; at = strtok(NULL, "[]\",\n")) fields[field_count++] = at;
  puts(hello);
  fflush(stdout);
  while ((length = getline(&line, &room, stdin)) > 0) {
    if (length == 1) {
      fflush(stdout);
      continue;
    }
    line[length - 1] = 0;
    putchar('{');
    comma = "";
    char *ask = strstr(line, "\"ask\":\"") + 7;
    if (memchr(ask, 'b', strcspn(ask, "\""))) {
      char *at = strstr(line, "\"b\":\"") + 5;
      size_t decoded;
      char *body = decode(at, strcspn(at, "\""), &decoded);
      read(body, decoded);
      free(body);
    }
    puts("}");
  }
  return 0;
}
