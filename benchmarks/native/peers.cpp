// The native peers of IndexPeers, on one thread: FAISS's IndexFlatL2, hnswlib, and "scan", which
// computes all distances with what the machine's vector units can do: Debian's FAISS is compiled for
// any x86-64 processor, and for one query it takes 3 to 4 times as long as the scan.
//
//   g++ -O3 -march=native -mprefer-vector-width=512 -std=c++17 -fopenmp peers.cpp -lfaiss -lblas -llapack -o peers
//   ./peers base.f32 queries.f32 dimension k faiss|faiss-batch|scan|hnsw rounds truth.i32 [ef...]
//
// which IndexPeers calls when it is given "./peers {} hnsw {rounds} 40 80 160". Debian:
// libfaiss-dev libhnswlib-dev libopenblas0-pthread. Prints one line per measurement:
//   name <tab> build seconds <tab> median of the rounds <tab> quiet time <tab> recall
// Times are microseconds a query. The quiet time is the mean over the queries of the least time of
// each over the rounds: on a machine that others use too it leaves out the time that they took.
// Names end in ", ef N" where a peer is measured at several settings.
//
// With HNSW_SAVE set in the environment, hnswlib's graph is kept in base.f32.hnsw and taken from
// there by the next run, with the seconds that its build took.
#include <faiss/IndexFlat.h>
#include <hnswlib/hnswlib.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <limits>
#include <memory>
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

using Hnsw = hnswlib::HierarchicalNSW<float>;

// Builds the graph, or reads it with the seconds of its build if an earlier run saved it.
static std::unique_ptr<Hnsw> graph(hnswlib::L2Space& space, const std::vector<float>& base, int d,
                                   const std::string& file, double& seconds) {
  size_t n = base.size() / d;
  bool save = std::getenv("HNSW_SAVE") != nullptr;
  if (save && std::ifstream(file + ".seconds") >> seconds) {
    return std::make_unique<Hnsw>(&space, file, false, n);
  }
  auto from = Clock::now();
  auto index = std::make_unique<Hnsw>(&space, n, 16, 200, 100);
  for (size_t i = 0; i < n; i++) {
    index->addPoint(base.data() + i * d, i);
  }
  seconds = micros(from) / 1e6;
  if (save) {
    index->saveIndex(file);
    std::ofstream(file + ".seconds") << std::setprecision(9) << seconds << '\n';
  }
  return index;
}

int main(int argc, char** argv) {
  if (argc < 8) {
    std::fprintf(stderr, "see the head of peers.cpp\n");
    return 2;
  }
  omp_set_num_threads(1);
  std::vector<float> base = read<float>(argv[1]);
  std::vector<float> query = read<float>(argv[2]);
  int d = std::atoi(argv[3]), k = std::atoi(argv[4]), rounds = std::atoi(argv[6]);
  std::vector<int> truth = read<int>(argv[7]);
  size_t n = base.size() / d;
  int queries = static_cast<int>(truth.size() / k);

  std::string peer = argv[5];
  if (peer == "faiss" || peer == "faiss-batch") {
    auto from = Clock::now();
    faiss::IndexFlatL2 index(d);
    index.add(n, base.data());
    double build = micros(from) / 1e6;
    std::vector<float> distances(static_cast<size_t>(queries) * k);
    std::vector<int64_t> labels(static_cast<size_t>(queries) * k);
    if (peer == "faiss") {
      measure("FAISS IndexFlatL2", build, queries, k, rounds, truth, [&](int q, int* found) {
        index.search(1, query.data() + static_cast<size_t>(q) * d, k, distances.data(),
                     labels.data());
        std::copy(labels.begin(), labels.begin() + k, found);
      });
    }
    int batch = static_cast<int>(query.size() / d);
    distances.resize(static_cast<size_t>(batch) * k);
    labels.resize(static_cast<size_t>(batch) * k);
    std::vector<double> times;
    for (int round = 0; round < rounds; round++) {
      from = Clock::now();
      index.search(batch, query.data(), k, distances.data(), labels.data());
      times.push_back(micros(from) / batch);
    }
    std::sort(times.begin(), times.end());
    std::vector<int> found(labels.begin(), labels.begin() + static_cast<size_t>(queries) * k);
    std::printf("FAISS IndexFlatL2, batch of %d\t%.3f\t%.2f\t%.2f\t%.4f\n", batch, build,
                times[rounds / 2], times[0], recall(found, truth, k));
  } else if (peer == "scan") {
    Scan scan(base.data(), n, d, k);
    measure("plain scan", 0, queries, k, rounds, truth, [&](int q, int* found) {
      scan.search(query.data() + static_cast<size_t>(q) * d, found);
    });
  } else if (peer == "hnsw") {
    hnswlib::L2Space space(d);
    double build = 0;
    std::unique_ptr<Hnsw> index = graph(space, base, d, std::string(argv[1]) + ".hnsw", build);
    for (int a = 8; a < argc; a++) {
      index->setEf(std::atoi(argv[a]));
      measure(std::string("hnswlib, ef ") + argv[a], build, queries, k, rounds, truth,
              [&](int q, int* found) {
                auto result = index->searchKnn(query.data() + static_cast<size_t>(q) * d, k);
                for (int i = 0; i < k; i++) {
                  found[i] = result.empty() ? -1 : static_cast<int>(result.top().second);
                  if (!result.empty()) result.pop();
                }
              });
    }
  } else {
    std::fprintf(stderr, "faiss, faiss-batch, scan or hnsw, but is: %s\n", argv[5]);
    return 2;
  }
  return 0;
}
