// What the arithmetic of exact search costs on this processor when a C++ compiler gets it: the values of
// codes of 8 bits, two in a word, of 128 dimensions, exactly as VectorKernel computes them, without all else
// that a search does. Needs AVX-512 (BW).
//
// g++ -O3 -march=native -std=c++17 codes.cpp -o codes && ./codes 40000
#include <immintrin.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

namespace {
constexpr int CHUNK = 4096;
constexpr int WORDS = 64;
constexpr int LANES = 32;
constexpr int ROUNDS = 400;

using Words = std::vector<short>;

double micros() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

__m512i load(const short* from) { return _mm512_loadu_si512(from); }

__m512i add(__m512i a, __m512i b) { return _mm512_add_epi16(a, b); }

/** A word's two codes: w * low + (w >> 8) * high. */
__m512i codes(__m512i word, __m512i shifted, const __m512i* factors) {
  return add(_mm512_mullo_epi16(word, factors[0]), _mm512_mullo_epi16(shifted, factors[1]));
}

/** Four words for one query. */
__attribute__((noinline)) void one(const Words* words, const short* factors, short* sums) {
  __m512i f[8];
  for (int i = 0; i < 8; i++) f[i] = _mm512_set1_epi16(factors[i]);
  for (int j = 0; j < CHUNK; j += LANES) {
    __m512i sum = load(sums + j);
    for (int i = 0; i < 4; i++) {
      __m512i word = load(words[i].data() + j);
      sum = add(sum, codes(word, _mm512_srai_epi16(word, 8), f + 2 * i));
    }
    _mm512_storeu_si512(sums + j, sum);
  }
}

/** Two words for two queries, which share what is read and shifted. */
__attribute__((noinline)) void two(
    const Words* words, const short* first, const short* second, short* sums, short* others) {
  __m512i f[4], s[4];
  for (int i = 0; i < 4; i++) {
    f[i] = _mm512_set1_epi16(first[i]);
    s[i] = _mm512_set1_epi16(second[i]);
  }
  for (int j = 0; j < CHUNK; j += LANES) {
    __m512i sum = load(sums + j);
    __m512i other = load(others + j);
    for (int i = 0; i < 2; i++) {
      __m512i word = load(words[i].data() + j);
      __m512i shifted = _mm512_srai_epi16(word, 8);
      sum = add(sum, codes(word, shifted, f + 2 * i));
      other = add(other, codes(word, shifted, s + 2 * i));
    }
    _mm512_storeu_si512(sums + j, sum);
    _mm512_storeu_si512(others + j, other);
  }
}
}  // namespace

int main(int argc, char** argv) {
  int points = argc > 1 ? std::atoi(argv[1]) : 40000;
  int chunks = (points + CHUNK - 1) / CHUNK;
  std::mt19937 random(1);
  std::vector<Words> words(chunks * WORDS, Words(CHUNK));
  for (Words& some : words) {
    for (short& word : some) word = static_cast<short>(random());
  }
  Words first(2 * WORDS), second(2 * WORDS), sums(CHUNK), others(CHUNK);
  for (int i = 0; i < 2 * WORDS; i++) {
    first[i] = static_cast<short>(random());
    second[i] = static_cast<short>(random());
  }
  double single = 1e9, paired = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double start = micros();
    for (int i = 0; i < chunks * WORDS; i += 4) {
      one(&words[i], &first[2 * (i % WORDS)], sums.data());
    }
    double middle = micros();
    for (int i = 0; i < chunks * WORDS; i += 2) {
      two(&words[i], &first[2 * (i % WORDS)], &second[2 * (i % WORDS)], sums.data(), others.data());
    }
    single = std::min(single, middle - start);
    paired = std::min(paired, (micros() - middle) / 2);
  }
  std::printf("%d points: one query %.1f us, two at a time %.1f us a query (%d)\n", chunks * CHUNK,
              single, paired, sums[0] ^ others[0]);
}
