#include "base/utf8.h"

bool utf8_is_clean(struct str s)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0xc2, 0xc2, 0xa0, 0xbf, 2}, {0xc3, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *p = (const unsigned char *)s.p;

    for (size_t i = 0; i < s.n;) {
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        size_t f = 0;
        while (f < sizeof(forms) / sizeof(*forms) &&
               (p[i] < forms[f].first_low || p[i] > forms[f].first_high))
            f++;
        if (f == sizeof(forms) / sizeof(*forms) || s.n - i < forms[f].length)
            return false;
        for (size_t k = 1; k < forms[f].length; k++) {
            unsigned char low = k == 1 ? forms[f].second_low : 0x80;
            unsigned char high = k == 1 ? forms[f].second_high : 0xbf;
            if (p[i + k] < low || p[i + k] > high)
                return false;
        }
        i += forms[f].length;
    }
    return true;
}
