package io.facesearch;

import java.util.Optional;

/**
 * How a head is turned, from five landmarks: the scaled orthographic camera that maps five points
 * of a mean head onto them best (least squares). Rough: a few degrees for near-frontal faces.
 *
 * @param yaw degrees, turned to the left (below 0) or right of the photo
 * @param pitch degrees, lowered (below 0) or raised
 * @param roll degrees, tilted; the eyes' line against the horizontal, clockwise in the photo
 * @see <a href="https://doi.org/10.1007/BF01450852">DeMenthon and Davis, Model-based object pose in
 *     25 lines of code, IJCV 1995 (the POS step)</a>
 */
record HeadPose(double yaw, double pitch, double roll) {
  /**
   * Eyes, nose tip and mouth corners of a mean head, in distances of the eyes' centers; x right, y
   * down, z towards the camera.
   */
  private static final double[][] HEAD = {
    {-0.5, 0, 0}, {0.5, 0, 0}, {0, 0.56, 0.43}, {-0.4, 1.03, 0.05}, {0.4, 1.03, 0.05},
  };

  static Optional<HeadPose> of(Landmarks landmarks) {
    Landmarks five = landmarks.toFivePoints();
    if (five.count() != 5) {
      return Optional.empty();
    }
    double[] model = new double[3];
    double mx = 0;
    double my = 0;
    for (int p = 0; p < 5; p++) {
      for (int c = 0; c < 3; c++) {
        model[c] += HEAD[p][c] / 5;
      }
      mx += five.x(p) / 5.0;
      my += five.y(p) / 5.0;
    }
    // Normal equations of the centered points: A (3x3) times the camera's two rows.
    double[][] a = new double[3][3];
    double[][] b = new double[2][3];
    for (int p = 0; p < 5; p++) {
      for (int r = 0; r < 3; r++) {
        double h = HEAD[p][r] - model[r];
        for (int c = 0; c < 3; c++) {
          a[r][c] += h * (HEAD[p][c] - model[c]);
        }
        b[0][r] += h * (five.x(p) - mx);
        b[1][r] += h * (five.y(p) - my);
      }
    }
    double[] i = solve(a, b[0]);
    double[] j = solve(a, b[1]);
    double scale = (norm(i) + norm(j)) / 2;
    if (!(norm(i) > 1e-9 * scale && norm(j) > 1e-9 * scale)) {
      return Optional.empty();
    }
    normalize(i);
    normalize(j);
    double[] k = {i[1] * j[2] - i[2] * j[1], i[2] * j[0] - i[0] * j[2], i[0] * j[1] - i[1] * j[0]};
    // The rows i, j, k are the head's axes seen from the camera.
    return Optional.of(
        new HeadPose(
            Math.toDegrees(Math.atan2(i[2], Math.hypot(i[0], i[1]))),
            Math.toDegrees(Math.atan2(-j[2], k[2])),
            Math.toDegrees(Math.atan2(j[0], i[0]))));
  }

  /** Cramer's rule. */
  private static double[] solve(double[][] a, double[] b) {
    double det = det(a, -1, b);
    return new double[] {det(a, 0, b) / det, det(a, 1, b) / det, det(a, 2, b) / det};
  }

  private static double det(double[][] a, int column, double[] b) {
    double[][] m = new double[3][3];
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 3; c++) {
        m[r][c] = c == column ? b[r] : a[r][c];
      }
    }
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  }

  private static double norm(double[] v) {
    return Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  }

  private static void normalize(double[] v) {
    double n = norm(v);
    for (int c = 0; c < 3; c++) {
      v[c] /= n;
    }
  }
}
