package io.facesearch.embed;

import ai.djl.pytorch.jni.JniUtils;
import io.facesearch.FaceEmbedder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;

/**
 * A program as unfriendly as hosts of plug-ins are: its context class loader sees nothing, and the
 * network is refused. PyTorchRuntimeTest runs it in a JVM of its own.
 */
final class HostileHost {
  private HostileHost() {}

  public static void main(String[] args) {
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            System.out.println("network: " + uri);
            return List.of(
                new Proxy(
                    Proxy.Type.HTTP, InetSocketAddress.createUnresolved("refused.invalid", 9)));
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        });
    ClassLoader blind = new URLClassLoader(new URL[0], ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(blind);
    try (FaceEmbedder embedder = DlibFaceEmbedder.builder(TestWeights.dlib()).build()) {
      float[] vector = embedder.embed(List.of(TestChips.chip(0))).get(0).toArray();
      System.out.println("error: " + Math.abs(vector[0] - TestChips.golden(0)[0]));
    }
    Safetensors weights = Safetensors.parse("dlib", TestWeights.dlib());
    Preprocessing pixels = DlibCard.preprocessing();
    try (Network network = new PyTorchNetwork(DlibResNet.network(weights), ComputeDevice.cpu());
        Network.Runner runner = network.newRunner(1, pixels.shape())) {
      pixels.write(TestChips.chip(0), false, runner.input(), 0);
      float[] vector = runner.run(1, false);
      System.out.println("PyTorch error: " + Math.abs(vector[0] - TestChips.golden(0)[0]));
    }
    System.out.println("same loader: " + (Thread.currentThread().getContextClassLoader() == blind));
    System.out.println("offline: " + System.getProperty("ai.djl.offline"));
    System.out.println("opt out: " + System.getProperty("OPT_OUT_TRACKING"));
    System.out.println("threads: " + JniUtils.getNumThreads());
    System.out.println("interop: " + JniUtils.getNumInteropThreads());
  }
}
