#include "keeper.h"

void text_add(struct text *text, const char *string) {
    while (*string != '\0' && text->size < sizeof text->data)
        text->data[text->size++] = *string++;
}

void text_add_number(struct text *text, uint64_t number) {
    char digits[21];
    unsigned first = sizeof digits - 1;
    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    text_add(text, digits + first);
}
