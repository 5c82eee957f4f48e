// Times the native peers of IndexPeers on its files, on one thread: FAISS's IndexFlatL2 and hnswlib.
//
//   g++ -O3 -march=native -std=c++17 -fopenmp peers.cpp -lfaiss -o peers
//   ./peers base.f32 queries.f32 dimension k faiss|hnsw rounds truth.i32 [ef...]
// which IndexPeers calls when it is given "./peers {} hnsw {rounds} 40 80 160".
//
// Debian: libfaiss-dev libhnswlib-dev libopenblas0-pthread. Prints one line per measurement:
//   name <tab> build seconds <tab> median of the rounds <tab> quiet time <tab> recall
// Times are microseconds a query. The quiet time is the mean over the queries of the least time of
// each over the rounds: on a machine that others use too it leaves out the time that they took.
#include <faiss/IndexFlat.h>
#include <hnswlib/hnswlib.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
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
  long right = 0;
  for (int q = 0; q < queries; q++) {
    quiet += best[q];
    std::set<int> expected(truth.begin() + static_cast<size_t>(q) * k,
                           truth.begin() + static_cast<size_t>(q + 1) * k);
    for (int i = 0; i < k; i++) {
      right += expected.count(found[static_cast<size_t>(q) * k + i]);
    }
  }
  std::printf("%s\t%.3f\t%.2f\t%.2f\t%.4f\n", name.c_str(), build, totals[rounds / 2],
              quiet / queries, right / (static_cast<double>(queries) * k));
  std::fflush(stdout);
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

  if (!std::strcmp(argv[5], "faiss")) {
    auto from = Clock::now();
    faiss::IndexFlatL2 index(d);
    index.add(n, base.data());
    double build = micros(from) / 1e6;
    std::vector<float> distances(static_cast<size_t>(queries) * k);
    std::vector<int64_t> labels(static_cast<size_t>(queries) * k);
    measure("FAISS IndexFlatL2", build, queries, k, rounds, truth, [&](int q, int* found) {
      index.search(1, query.data() + static_cast<size_t>(q) * d, k, distances.data(),
                   labels.data());
      std::copy(labels.begin(), labels.begin() + k, found);
    });
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
    std::printf("FAISS IndexFlatL2, batch of %d\t%.3f\t%.2f\t%.2f\t1\n", batch, build,
                times[rounds / 2], times[0]);
  } else {
    hnswlib::L2Space space(d);
    hnswlib::HierarchicalNSW<float> index(&space, n, 16, 200, 100);
    auto from = Clock::now();
    for (size_t i = 0; i < n; i++) {
      index.addPoint(base.data() + i * d, i);
    }
    double build = micros(from) / 1e6;
    for (int a = 8; a < argc; a++) {
      index.setEf(std::atoi(argv[a]));
      measure(std::string("hnswlib ef ") + argv[a], build, queries, k, rounds, truth,
              [&](int q, int* found) {
                auto result = index.searchKnn(query.data() + static_cast<size_t>(q) * d, k);
                for (int i = 0; i < k; i++) {
                  found[i] = result.empty() ? -1 : static_cast<int>(result.top().second);
                  if (!result.empty()) result.pop();
                }
              });
    }
  }
  return 0;
}
