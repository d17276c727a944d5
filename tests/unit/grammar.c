/* grammar.c: the character classes (http/grammar.h) and the methods (http/method.h). */
#include "http/grammar.h"

#include "http/method.h"
#include "unit.h"

#define ALNUM "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* That ${is} holds for the characters of ${members} and for no other byte. */
static void check_class(const char *name, bool (*is)(char c), const char *members)
{
    for (unsigned c = 0; c < 256; c++) {
        bool member = c != 0 && strchr(members, (int)c) != NULL;
        CHECK(is((char)c) == member, "%s: byte 0x%02x", name, c);
    }
}

UNIT(classes)
{
    check_class("tchar", http_is_tchar, ALNUM "!#$%&'*+-.^_`|~");
    check_class("unreserved", http_is_unreserved, ALNUM "-._~");
    check_class("pchar", http_is_pchar, ALNUM "-._~!$&'()*+,=:@");
}

UNIT(field_characters)
{
    for (unsigned c = 0; c < 256; c++)
        CHECK(http_is_field_char((char)c) == (c == '\t' || (c >= 0x20 && c != 0x7f)), "byte 0x%02x",
              c);
}

UNIT(hexadecimal)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";

    for (unsigned c = 0; c < 256; c++) {
        const char *at = c == 0 ? NULL : strchr(digits, (int)c);
        if (at == NULL && c != 0)
            at = strrchr(digits, (int)c);
        int value = at == NULL ? -1 : (int)((at - digits) % 16);
        CHECK(http_hex_value((char)c) == value, "byte 0x%02x", c);
    }
}

UNIT(tokens)
{
    assert_true(http_is_token(STR("GET")));
    assert_true(http_is_token(STR("G!ET")));
    assert_false(http_is_token(STR("")));
    assert_false(http_is_token(STR("A B")));
    assert_false(http_is_token(STR("A:")));
    assert_false(http_is_token(STR("A\0")));
    assert_false(http_is_token(STR("\xc3\xa4")));
}

UNIT(methods)
{
    static const struct {
        enum http_method method;
        const char *name;
    } rows[] = {
        {METHOD_GET, "GET"},         {METHOD_HEAD, "HEAD"},   {METHOD_POST, "POST"},
        {METHOD_PUT, "PUT"},         {METHOD_PATCH, "PATCH"}, {METHOD_DELETE, "DELETE"},
        {METHOD_OPTIONS, "OPTIONS"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK(http_method_of(str_of(rows[i].name)) == rows[i].method, "%s", rows[i].name);
        assert_string_equal(http_method_name(rows[i].method), rows[i].name);
    }
}

UNIT(other_methods)
{
    static const char *const rows[] = {"get", "Get",   "GE",      "GETT", "GET ", "",
                                       "?",   "TRACE", "CONNECT", "PRI",  "COPY"};

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK(http_method_of(str_of(rows[i])) == METHOD_OTHER, "\"%s\"", rows[i]);
    assert_int_equal(http_method_of(STR("GET\0")), METHOD_OTHER);
    assert_string_equal(http_method_name(METHOD_OTHER), "?");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        PROMISE("each class has the characters of its RFC and no other byte", classes),
        PROMISE("a field value is made of printable bytes, blanks and tabs", field_characters),
        PROMISE("hexadecimal digits have values in both cases, other bytes none", hexadecimal),
        PROMISE("a token is one tchar or more", tokens),
        PROMISE("a method's name leads to it and back", methods),
        PROMISE("what is no method of dockerd's to the letter is METHOD_OTHER", other_methods),
    };

    return RUN("grammar", tests);
}
