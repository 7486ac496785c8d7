// Why a JSON text is not JSON, in words for the person who wrote it.
#pragma once

#include <string>

#include "sim/core/text_cursor.hpp"

namespace plenum::json {

/// What the grammar allows next.
enum class Expected { document, value, value_or_end, key_or_end, colon, comma_or_end, nothing };

struct OpenContainer {
  bool is_object = false;
  int line = 0, column = 0;
};

/// Moves `cursor` from the end of the last good token to the offending place and says what is wrong there. `innermost`
/// is the container that is open, or nullptr.
std::string explain_syntax_error(TextCursor& cursor, Expected expected, const OpenContainer* innermost);

/// Why a word outside of quotes is no value.
std::string explain_word(std::string_view word);

/// Whether the whole of `text` is a number as JSON writes it.
bool is_number(std::string_view text);

}  // namespace plenum::json
