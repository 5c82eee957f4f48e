package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.PhotoPeople.Region;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of faces in the XMP data of photos, as other programs write them, and as they do not. */
class PhotoPeopleTest {
  private static final int WIDTH = 40;
  private static final int HEIGHT = 20;

  private static final String HEAD =
      """
      <?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
      <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="%s">
       <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about=""
          xmlns:digiKam="http://www.digikam.org/ns/1.0/"
          xmlns:MP="http://ns.microsoft.com/photo/1.2/"
          xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
          xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
          xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
          xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
          xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
      """;
  private static final String TAIL =
      """
        </rdf:Description>
       </rdf:RDF>
      </x:xmpmeta>
      """
          + " ".repeat(2000) // where programs write in place
          + "<?xpacket end=\"w\"?>";

  /** As digiKam 8 writes it: both kinds, and elements of lists as structures. */
  private static final String DIGIKAM =
      HEAD.formatted("XMP Core 4.4.0-Exiv2")
          + """
         <digiKam:TagsList><rdf:Seq><rdf:li>People/Ann</rdf:li></rdf:Seq></digiKam:TagsList>
         <MP:RegionInfo rdf:parseType="Resource">
          <MPRI:Regions>
           <rdf:Bag>
            <rdf:li MPReg:PersonDisplayName="Ann" MPReg:Rectangle="0.1, 0.2, 0.2, 0.4"/>
            <rdf:li MPReg:PersonDisplayName="Bea" MPReg:Rectangle="0.6, 0.2, 0.2, 0.4"/>
           </rdf:Bag>
          </MPRI:Regions>
         </MP:RegionInfo>
         <mwg-rs:Regions rdf:parseType="Resource">
          <mwg-rs:AppliedToDimensions stDim:w="40" stDim:h="20" stDim:unit="pixel"/>
          <mwg-rs:RegionList>
           <rdf:Bag>
            <rdf:li>
             <rdf:Description mwg-rs:Name="Ann" mwg-rs:Type="Face">
             <mwg-rs:Area stArea:x="0.2" stArea:y="0.4" stArea:w="0.2" stArea:h="0.4"
               stArea:unit="normalized"/>
             </rdf:Description>
            </rdf:li>
            <rdf:li>
             <rdf:Description mwg-rs:Name="Bea" mwg-rs:Type="Face">
             <mwg-rs:Area stArea:x="0.7" stArea:y="0.4" stArea:w="0.2" stArea:h="0.4"
               stArea:unit="normalized"/>
             </rdf:Description>
            </rdf:li>
           </rdf:Bag>
          </mwg-rs:RegionList>
         </mwg-rs:Regions>
      """
          + TAIL;

  private static final Region ANN = new Region("Ann", 0.2, 0.4, 0.2, 0.4);
  private static final Region BEA = new Region("Bea", 0.7, 0.4, 0.2, 0.4);

  private static byte[] photo() {
    return TestImages.encode(TestImages.gradient(WIDTH, HEIGHT), "jpeg");
  }

  private static byte[] xmpSegment(String xmp) {
    byte[] packet = ("http://ns.adobe.com/xap/1.0/\0" + xmp).getBytes(StandardCharsets.UTF_8);
    return TestImages.jpegSegment(0xe1, packet);
  }

  private static byte[] with(String xmp) {
    return TestImages.insertSegments(photo(), xmpSegment(xmp));
  }

  /** One region as elements, which is the long form of RDF. */
  private static String mwg(String... regions) {
    return HEAD.formatted("test")
        + "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag>"
        + String.join("", regions)
        + "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
        + TAIL;
  }

  private static String region(String name, String x, String more) {
    return "<rdf:li rdf:parseType='Resource'><mwg-rs:Area rdf:parseType='Resource'><stArea:x>"
        + x
        + "</stArea:x><stArea:y>0.5</stArea:y><stArea:w>0.1</stArea:w><stArea:h>0.2</stArea:h>"
        + "</mwg-rs:Area><mwg-rs:Name>"
        + name
        + "</mwg-rs:Name>"
        + more
        + "</rdf:li>";
  }

  @Test
  void digiKam() {
    PhotoPeople people = PhotoPeople.of(with(DIGIKAM));
    assertThat(people.regions()).containsExactly(ANN, BEA);
    assertThat(people.fault()).isEmpty();
    assertThat(people.toString()).doesNotContain("Ann");
  }

  @Test
  void lightroom() {
    String xmp =
        HEAD.formatted("Adobe XMP Core 7.0-c000 1.000000, 0000/00/00-00:00:00        ")
            + """
         <mwg-rs:Regions rdf:parseType="Resource">
          <mwg-rs:AppliedToDimensions stDim:w="40" stDim:h="20" stDim:unit="pixel"/>
          <mwg-rs:RegionList>
           <rdf:Bag>
            <rdf:li>
             <rdf:Description mwg-rs:Rotation="0.00000" mwg-rs:Name="Nguy\u1ec5n &amp; S\u00f8n"
               mwg-rs:Type="Face">
              <mwg-rs:Area stArea:h="0.37500" stArea:w="0.25000" stArea:x="0.25000"
                stArea:y="0.50000"/>
             </rdf:Description>
            </rdf:li>
            <rdf:li>
             <rdf:Description mwg-rs:Rotation="0.00000" mwg-rs:Type="Face">
              <mwg-rs:Area stArea:h="0.1" stArea:w="0.1" stArea:x="0.9" stArea:y="0.5"/>
             </rdf:Description>
            </rdf:li>
           </rdf:Bag>
          </mwg-rs:RegionList>
         </mwg-rs:Regions>
        """
            + TAIL;
    PhotoPeople people = PhotoPeople.of(with(xmp));
    assertThat(people.regions())
        .containsExactly(new Region("Nguy\u1ec5n & S\u00f8n", 0.25, 0.5, 0.25, 0.375));
    assertThat(people.fault()).as("a face without a name is no fault").isEmpty();
  }

  @Test
  void microsoftAlone() {
    String xmp = DIGIKAM.substring(0, DIGIKAM.indexOf("<mwg-rs:Regions")).concat(TAIL);
    PhotoPeople people = PhotoPeople.of(with(xmp));
    assertThat(people.regions()).extracting(Region::name).containsExactly("Ann", "Bea");
    assertThat(people.regions().get(1).x()).isCloseTo(0.7, within(1e-9));
    assertThat(people.regions().get(1).y()).isCloseTo(0.4, within(1e-9));
  }

  @Test
  void onlyFacesAreTaken() {
    String pet = region("Rex", "0.3", "<mwg-rs:Type>Pet</mwg-rs:Type>");
    String focus = region("", "0.3", "<mwg-rs:Type>Focus</mwg-rs:Type>");
    String ann = region(" Ann ", "0.6", "<mwg-rs:Type>Face</mwg-rs:Type>");
    assertThat(PhotoPeople.of(with(mwg(pet, focus, ann))).regions())
        .containsExactly(new Region("Ann", 0.6, 0.5, 0.1, 0.2));
  }

  /** Regions are of the stored pixels; where the same spot is found in the upright photo. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void photosThatAreTurned(int orientation) {
    byte[] turned =
        TestImages.insertSegments(
            photo(),
            TestImages.exifSegment(TestImages.exif(orientation, false)),
            xmpSegment(mwg(region("Ann", "0.2", ""))));
    Region found = PhotoPeople.of(turned).regions().get(0);
    FaceImage stored = FaceImageReader.DEFAULT.read(photo(), "stored");
    FaceImage upright = FaceImageReader.DEFAULT.read(turned, "turned");
    int x = (int) (found.x() * upright.width());
    int y = (int) (found.y() * upright.height());
    // Of an even number of pixels the center is between two.
    double nearest =
        Math.min(
            Math.min(difference(upright, x, y, stored), difference(upright, x - 1, y, stored)),
            Math.min(
                difference(upright, x, y - 1, stored), difference(upright, x - 1, y - 1, stored)));
    assertThat(nearest).isZero();
    assertThat(found.width()).isEqualTo(orientation > 4 ? 0.2 : 0.1);
  }

  private static double difference(FaceImage upright, int x, int y, FaceImage stored) {
    int a = 3 * (y * upright.width() + x);
    int b = 3 * (HEIGHT / 2 * WIDTH + WIDTH / 5);
    int sum = 0;
    for (int i = 0; i < 3; i++) {
      sum += Math.abs((upright.rgb().get(a + i) & 0xff) - (stored.rgb().get(b + i) & 0xff));
    }
    return sum;
  }

  @Test
  void facesGetTheNamesOfTheRegionsTheyLieIn() {
    PhotoPeople people = PhotoPeople.of(with(DIGIKAM));
    BoundingBox ann = new BoundingBox(300, 250, 200, 300); // 0.2 to 0.4 of 1000, 0.2 to 0.6
    BoundingBox aroundBea = new BoundingBox(1150, 150, 500, 500);
    BoundingBox elsewhere = new BoundingBox(900, 300, 200, 200);
    BoundingBox inAnn = new BoundingBox(360, 380, 50, 50); // on a shirt
    assertThat(people.namesOf(List.of(elsewhere, inAnn, aroundBea, ann), 2000, 1000))
        .containsExactly(null, null, "Bea", "Ann");
    assertThat(people.namesOf(List.of(), 2000, 1000)).isEmpty();
    assertThat(PhotoPeople.NOBODY.namesOf(List.of(ann), 2000, 1000))
        .isEqualTo(Arrays.asList((String) null));
  }

  /** Who was drawn round is cut away, and a stranger stands in his place. */
  @Test
  void namesOfAPhotoThatWasCutAreNobodys() {
    PhotoPeople people = PhotoPeople.of(with(DIGIKAM));
    BoundingBox ann = new BoundingBox(300, 250, 200, 300);
    assertThat(people.fitting(2000, 1000)).isSameAs(people);
    assertThat(people.fitting(1000, 2000)).as("turned").isSameAs(people);
    PhotoPeople cut = people.fitting(1500, 1000);
    assertThat(cut.regions()).isEmpty();
    assertThat(cut.fault()).hasValueSatisfying(fault -> assertThat(fault).contains("was cut"));
    assertThat(people.namesOf(List.of(ann), 1500, 1000)).isEqualTo(Arrays.asList((String) null));
  }

  @Test
  void aFaceThatTwoNamesClaimIsNobodys() {
    PhotoPeople people =
        PhotoPeople.of(
            with(
                mwg(region("Ann", "0.2", ""), region("Bea", "0.21", ""), region("Cy", "0.8", ""))));
    BoundingBox claimed = new BoundingBox(150, 400, 100, 200);
    BoundingBox alone = new BoundingBox(750, 400, 100, 200);
    assertThat(people.namesOf(List.of(claimed, alone), 1000, 1000)).containsExactly(null, "Cy");
  }

  @Test
  void aNameInTwoPlacesIsNobodys() {
    PhotoPeople people =
        PhotoPeople.of(
            with(
                mwg(region("Ann", "0.2", ""), region("Bea", "0.5", ""), region("Ann", "0.8", ""))));
    assertThat(people.regions()).extracting(Region::name).containsExactly("Bea");
    assertThat(people.fault()).hasValueSatisfying(fault -> assertThat(fault).contains("same name"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"A&#10;nn", "A&#x85;nn", "A&#x2028;nn"})
  void aNameThatIsNoneIsIgnoredAndTold(String name) {
    PhotoPeople people =
        PhotoPeople.of(with(mwg(region(name, "0.2", ""), region("Bea", "0.8", ""))));
    assertThat(people.regions()).extracting(Region::name).containsExactly("Bea");
    assertThat(people.fault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("control characters"));
  }

  @Test
  void aNameThatIsTooLong() {
    assertThat(PhotoPeople.of(with(mwg(region("x".repeat(1001), "0.2", "")))).fault())
        .hasValueSatisfying(fault -> assertThat(fault).contains("1000"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "-0.1", "1.1", "", "Infinity", "0,5", "1e999"})
  void aPlaceOutsideOfThePhoto(String x) {
    PhotoPeople people = PhotoPeople.of(with(mwg(region("Ann", x, ""))));
    assertThat(people.regions()).isEmpty();
    assertThat(people.fault()).isPresent();
  }

  /** Neither is anything fetched, nor anything expanded. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
            + "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>"
            + "<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;'>]>",
        "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>",
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE x [<!ENTITY % f SYSTEM 'file:///etc/passwd'> %f;]>",
      })
  @Timeout(60)
  void hostileXml(String doctype) {
    String xmp =
        doctype + mwg(region("&f;", "0.2", "")).replaceFirst("(?s)^<\\?xpacket.*?\\?>", "");
    PhotoPeople people = PhotoPeople.of(with(xmp));
    assertThat(people.regions()).isEmpty();
    assertThat(people.fault()).contains("its XMP data is not valid XML");
    assertThat(FaceImageReader.DEFAULT.read(with(xmp), "photo").width()).isEqualTo(WIDTH);
  }

  /** A segment holds 64 KiB; whatever comes in more of them is not put together. */
  @Test
  @Timeout(60)
  void tenMegabytesOfIt() {
    byte[] segment = xmpSegment(mwg(region("Ann", "0.2", "")) + " ".repeat(60_000));
    byte[][] many = new byte[160][];
    Arrays.fill(many, segment);
    PhotoPeople people = PhotoPeople.of(TestImages.insertSegments(photo(), many));
    assertThat(people.regions()).extracting(Region::name).containsExactly("Ann");
    byte[] deep =
        xmpSegment(
            "<x xmlns='http://www.metadataworkinggroup.com/schemas/regions/'>"
                + "<a>".repeat(20_000));
    assertThat(PhotoPeople.of(TestImages.insertSegments(photo(), deep)).fault()).isPresent();
  }

  /** The parser's own tree is read recursively: that of a name is bounded before. */
  @Test
  @Timeout(60)
  void aNameOfThousandsOfElements() throws Exception {
    byte[] deep = with(mwg(region("<a>".repeat(8_000) + "</a>".repeat(8_000), "0.2", "")));
    AtomicReference<PhotoPeople> people = new AtomicReference<>();
    Thread small =
        new Thread(null, () -> people.set(PhotoPeople.of(deep)), "small stack", 256 << 10);
    small.start();
    small.join();
    assertThat(people.get().fault()).contains("its XMP data is not valid XML");
    assertThat(FaceImageReader.DEFAULT.read(deep, "photo").width()).isEqualTo(WIDTH);
  }

  @Test
  @Timeout(60)
  void brokenXmpIsNoFaultOfThePhoto() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] sound = with(DIGIKAM);
    int head = DIGIKAM.length();
    for (int i = 0; i < 300; i++) {
      byte[] broken = sound.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        broken[40 + random.nextInt(head - 2100)] = (byte) random.nextInt(256);
      }
      PhotoPeople people = PhotoPeople.of(broken);
      assertThat(people.regions().size()).as("seed %d", seed).isLessThanOrEqualTo(2);
      byte[] cut = Arrays.copyOf(sound, random.nextInt(sound.length));
      assertThat(PhotoPeople.of(cut).regions().size()).isLessThanOrEqualTo(2);
    }
  }

  @Test
  void filesThatNameNobody() {
    assertThat(PhotoPeople.of(photo())).isSameAs(PhotoPeople.NOBODY);
    assertThat(PhotoPeople.of(new byte[0])).isSameAs(PhotoPeople.NOBODY);
    assertThat(PhotoPeople.of(with("<not xml")))
        .as("it mentions no region")
        .isSameAs(PhotoPeople.NOBODY);
    for (byte[] file : TestImages.oneOfEachKind()) {
      assertThat(PhotoPeople.of(file)).isSameAs(PhotoPeople.NOBODY);
    }
  }

  private static FaceRecord face(String person, BoundingBox box) {
    return new FaceRecord("p#" + box.x(), person, "p", box, java.util.Map.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aSidecarIsReadBackAsItWasWritten(int orientation) {
    byte[] photo = TestImages.withExif(photo(), orientation);
    FaceImage upright = FaceImageReader.DEFAULT.read(photo, "photo");
    BoundingBox ann = new BoundingBox(2, 4, 5, 6);
    String hostile = "B\"e<a>&'\n";
    byte[] xmp =
        PhotoPeople.sidecar(
                photo,
                "photo",
                List.of(
                    face("Ann", ann),
                    face(hostile, new BoundingBox(9, 9, 4, 5)),
                    face(null, new BoundingBox(1, 1, 2, 2))))
            .orElseThrow();
    String text = new String(xmp, StandardCharsets.UTF_8);
    assertThat(text).contains("stDim:w=\"40\" stDim:h=\"20\"").contains("B&quot;e&lt;a&gt;&amp;'");
    PhotoPeople back =
        PhotoPeople.of(
            TestImages.insertSegments(
                photo(),
                TestImages.exifSegment(TestImages.exif(orientation, false)),
                xmpSegment(text)));
    assertThat(back.namesOf(List.of(ann), upright.width(), upright.height()))
        .containsExactly("Ann");
    Region region = back.regions().get(0);
    assertThat(region.x() * upright.width()).isCloseTo(ann.centerX(), within(1e-3));
    assertThat(region.height() * upright.height()).isCloseTo(ann.height(), within(1e-3));
    assertThat(back.fault()).as("the name of a line break").isPresent();
  }

  @Test
  void aSidecarOfOtherFormats() {
    BoundingBox box = new BoundingBox(2, 4, 5, 6);
    for (byte[] file : TestImages.oneOfEachKind()) {
      assertThat(PhotoPeople.sidecar(file, "photo", List.of(face("Ann", box)))).isPresent();
      assertThat(PhotoPeople.sidecar(file, "photo", List.of(face(null, box)))).isEmpty();
    }
    assertThat(PhotoPeople.sidecar(new byte[0], "photo", List.of())).isEmpty();
  }
}
