#include "base/suggest.hpp"

#include <algorithm>

namespace base {

namespace {

// Far longer than any attribute; keeps the table below small whatever a file contains.
constexpr std::size_t longest_word = 80;

std::string folded(std::string_view word) {
    std::string result;
    for (const char letter : word) {
        if (letter >= 'A' && letter <= 'Z')
            result += static_cast<char>(letter - 'A' + 'a');
        else
            result += letter == '-' ? '_' : letter;
    }
    return result;
}

} // namespace

std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    if (difference > limit || a.size() > longest_word || b.size() > longest_word)
        return std::nullopt;
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        std::size_t lowest = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
            lowest = std::min(lowest, row[j]);
        }
        if (lowest > limit)
            return std::nullopt;
        before.swap(last);
        last.swap(row);
    }
    if (last[b.size()] > limit)
        return std::nullopt;
    return last[b.size()];
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string> &candidates) {
    const std::string wanted = folded(word);
    // A third of the word may be wrong: "prots" is ports, but "user" is not "uts" and "P" is not "A".
    std::size_t limit = wanted.size() / 3;
    std::optional<std::string> best;
    for (const std::string &candidate : candidates) {
        const auto distance = edit_distance(wanted, folded(candidate), limit);
        if (!distance)
            continue;
        best = candidate;
        if (*distance == 0)
            break;
        limit = *distance - 1;
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string> &candidates) {
    const auto best = nearest(word, candidates);
    return best ? "did you mean \"" + *best + "\"?" : std::string();
}

} // namespace base
