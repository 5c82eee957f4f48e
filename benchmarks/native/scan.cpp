// A native peer of IndexPeers, on one thread: a scan that computes all distances with what the machine's
// vector units can do, which is what exact search costs without an index.
//
//   g++ -O3 -march=native -std=c++17 -fopenmp scan.cpp -o scan
//   ./scan base.f32 queries.f32 dimension k rounds truth.i32
//
// which IndexPeers calls when it is given "./scan {} {rounds}". Prints what peers.py does.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

using Clock = std::chrono::steady_clock;

static double micros(Clock::time_point from) {
  return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
}

template <typename T>
static std::vector<T> read(const char* path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) {
    std::fprintf(stderr, "cannot read %s\n", path);
    std::exit(1);
  }
  std::vector<T> values(in.tellg() / sizeof(T));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
  return values;
}

static double recall(const std::vector<int>& found, const std::vector<int>& truth, int k) {
  long right = 0;
  for (size_t q = 0; q < truth.size(); q += k) {
    std::set<int> expected(truth.begin() + q, truth.begin() + q + k);
    for (int i = 0; i < k; i++) right += expected.count(found[q + i]);
  }
  return right / static_cast<double>(truth.size());
}

template <typename Search>
static void measure(const std::string& name, double build, int queries, int k, int rounds,
                    const std::vector<int>& truth, Search search) {
  std::vector<double> best(queries, 1e300), totals;
  std::vector<int> found(static_cast<size_t>(queries) * k);
  for (int round = 0; round < rounds; round++) {
    double total = 0;
    for (int q = 0; q < queries; q++) {
      auto from = Clock::now();
      search(q, found.data() + static_cast<size_t>(q) * k);
      double time = micros(from);
      best[q] = std::min(best[q], time);
      total += time;
    }
    totals.push_back(total / queries);
  }
  std::sort(totals.begin(), totals.end());
  double quiet = 0;
  for (double time : best) quiet += time / queries;
  std::printf("%s\t%.3f\t%.2f\t%.2f\t%.4f\n", name.c_str(), build, totals[rounds / 2], quiet,
              recall(found, truth, k));
  std::fflush(stdout);
}

// The k nearest rows, nearest first: four rows at a time, so that the sums do not wait for each
// other, and a heap of the best k. OpenMP's reduction lets the compiler add in any order.
class Scan {
 public:
  Scan(const float* base, size_t n, int d, int k) : base_(base), n_(n), d_(d), k_(k) {}

  void search(const float* query, int* found) {
    heap_.clear();
    worst_ = std::numeric_limits<float>::infinity();
    size_t i = 0;
    for (; i + 4 <= n_; i += 4) {
      const float* row = base_ + i * d_;
      float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
      for (int j = 0; j < d_; j++) {
        float q = query[j];
        float a = row[j] - q, b = row[d_ + j] - q, c = row[2 * d_ + j] - q, e = row[3 * d_ + j] - q;
        s0 += a * a;
        s1 += b * b;
        s2 += c * c;
        s3 += e * e;
      }
      offer(s0, i);
      offer(s1, i + 1);
      offer(s2, i + 2);
      offer(s3, i + 3);
    }
    for (; i < n_; i++) {
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int j = 0; j < d_; j++) {
        float a = base_[i * d_ + j] - query[j];
        sum += a * a;
      }
      offer(sum, i);
    }
    std::sort_heap(heap_.begin(), heap_.end());
    for (size_t r = 0; r < heap_.size(); r++) found[r] = heap_[r].second;
  }

 private:
  void offer(float distance, size_t row) {
    if (distance >= worst_) return;
    if (heap_.size() == static_cast<size_t>(k_)) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.emplace_back(distance, static_cast<int>(row));
    std::push_heap(heap_.begin(), heap_.end());
    if (heap_.size() == static_cast<size_t>(k_)) worst_ = heap_.front().first;
  }

  const float* base_;
  size_t n_;
  int d_, k_;
  float worst_ = 0;
  std::vector<std::pair<float, int>> heap_;
};

int main(int argc, char** argv) {
  if (argc < 7) {
    std::fprintf(stderr, "see the head of scan.cpp\n");
    return 2;
  }
  std::vector<float> base = read<float>(argv[1]);
  std::vector<float> query = read<float>(argv[2]);
  int d = std::atoi(argv[3]), k = std::atoi(argv[4]), rounds = std::atoi(argv[5]);
  std::vector<int> truth = read<int>(argv[6]);
  Scan scan(base.data(), base.size() / d, d, k);
  measure("plain scan", 0, static_cast<int>(truth.size() / k), k, rounds, truth,
          [&](int q, int* found) {
            scan.search(query.data() + static_cast<size_t>(q) * d, found);
          });
  return 0;
}
