package io.facesearch.internal.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Finds the named faces that XMP in a JPEG file tells of: regions of the Metadata Working Group, as
 * digiKam and Lightroom write them, else those of Microsoft. Only the first packet is read, which
 * has at most 64 KiB; it may have no DTD, so that no entity is expanded and nothing is fetched.
 */
public final class XmpRegions {
  /** Namespace of RDF. */
  static final String RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

  static final String MWG = "http://www.metadataworkinggroup.com/schemas/regions/";
  static final String AREA = "http://ns.adobe.com/xmp/sType/Area#";
  private static final String DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#";
  private static final String MICROSOFT = "http://ns.microsoft.com/photo/1.2/t/RegionInfo#";
  private static final String MICROSOFT_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#";

  private static final String PACKET = "http://ns.adobe.com/xap/1.0/\0";
  private static final int APP1 = 0xe1;

  /** More than any photo shows. */
  private static final int MAX_REGIONS = 1000;

  /** Of elements; regions are nested in about ten. */
  private static final String MAX_DEPTH = "100";

  /**
   * A rectangle of an upright photo, in shares of its width and height.
   *
   * @param name as it is written
   * @param x of the center
   * @param y of the center
   */
  public record Region(String name, double x, double y, double width, double height) {}

  /**
   * What was found.
   *
   * @param regions with a name
   * @param ratio of width to height of the photo that they were drawn on, as it is stored; 0 if it
   *     is not told
   * @param fault why there are none, or not all; null if nothing is wrong
   */
  public record Found(List<Region> regions, double ratio, @Nullable String fault) {}

  private static final Found NOTHING = new Found(List.of(), 0, null);

  private XmpRegions() {}

  /**
   * Reads the regions of a photo.
   *
   * @param file of any format, or its beginning
   * @return the regions, upright; none unless it is a JPEG file that has some
   */
  public static Found find(byte[] file) {
    if (!JpegFile.matches(file)) {
      return NOTHING;
    }
    int orientation = 0;
    int from = -1;
    int to = -1;
    for (int at = 2; at + 4 <= file.length && file[at] == (byte) 0xff; ) {
      int marker = file[at + 1] & 0xff;
      if (marker == 0xff) {
        at++; // a fill byte
        continue;
      }
      int length = ExifOrientation.u16(file, at + 2, false);
      int end = at + 2 + length;
      if (marker == JpegFile.SOS || length < 2 || end > file.length) {
        break;
      }
      if (marker == APP1 && orientation == 0 && EncodedImage.startsWith(file, at + 4, "Exif\0")) {
        orientation = ExifOrientation.find(file, at + 10, end);
      } else if (marker == APP1 && from < 0 && EncodedImage.startsWith(file, at + 4, PACKET)) {
        from = at + 4 + PACKET.length();
        to = end;
      }
      at = end;
    }
    if (from < 0 || !mentions(file, from, to, MWG) && !mentions(file, from, to, MICROSOFT)) {
      return NOTHING; // most photos: no parser is made for them
    }
    return parse(file, from, to, Math.max(orientation, ExifOrientation.UPRIGHT));
  }

  private static boolean mentions(byte[] file, int from, int to, String text) {
    for (int i = from; i <= to - text.length(); i++) {
      if (file[i] == 'h' && EncodedImage.startsWith(file, i, text)) {
        return true;
      }
    }
    return false;
  }

  private static Found parse(byte[] file, int from, int to, int orientation) {
    int end = to;
    while (end > from && file[end - 1] == 0) {
      end--; // what some pad with
    }
    Document xmp;
    try {
      xmp = builder().parse(new ByteArrayInputStream(file, from, end - from));
    } catch (SAXException | IOException e) {
      return new Found(List.of(), 0, "its XMP data is not valid XML");
    }
    Reading reading = new Reading(orientation);
    NodeList lists = xmp.getElementsByTagNameNS(MWG, "RegionList");
    for (int i = 0; i < lists.getLength(); i++) {
      reading.items((Element) lists.item(i), XmpRegions::mwg);
    }
    if (reading.regions.isEmpty()) {
      NodeList others = xmp.getElementsByTagNameNS(MICROSOFT, "Regions");
      for (int i = 0; i < others.getLength(); i++) {
        reading.items((Element) others.item(i), XmpRegions::microsoft);
      }
    }
    return new Found(List.copyOf(reading.regions), ratio(xmp), reading.fault);
  }

  private static double ratio(Document xmp) {
    NodeList applied = xmp.getElementsByTagNameNS(MWG, "AppliedToDimensions");
    try {
      Element first = (Element) applied.item(0);
      return first == null
          ? 0
          : Double.parseDouble(property(first, DIMENSIONS, "w").orElse("0"))
              / Double.parseDouble(property(first, DIMENSIONS, "h").orElse("1"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static DocumentBuilder builder() {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setAttribute("jdk.xml.maxElementDepth", MAX_DEPTH); // text is gathered recursively
      factory.setXIncludeAware(false);
      factory.setExpandEntityReferences(false);
      DocumentBuilder builder = factory.newDocumentBuilder();
      builder.setErrorHandler(
          new DefaultHandler() { // the default prints to standard error
            @Override
            public void fatalError(SAXParseException e) throws SAXException {
              throw e;
            }
          });
      return builder;
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException("the JDK's own parser knows these features", e);
    }
  }

  /** Reads one region; null if it is none of a face, or has no name. */
  @FunctionalInterface
  private interface Kind {
    @Nullable Region read(Element item) throws NumberFormatException;
  }

  private static @Nullable Region mwg(Element item) {
    String type = property(item, MWG, "Type").orElse("Face");
    String name = property(item, MWG, "Name").orElse("");
    Element area = child(item, MWG, "Area");
    if (!type.equals("Face") || name.isBlank() || area == null) {
      return null;
    }
    return new Region(
        name, number(area, "x"), number(area, "y"), number(area, "w"), number(area, "h"));
  }

  private static double number(Element area, String name) {
    return Double.parseDouble(property(area, AREA, name).orElse("none"));
  }

  private static @Nullable Region microsoft(Element item) {
    String name = property(item, MICROSOFT_REGION, "PersonDisplayName").orElse("");
    Optional<String> rectangle = property(item, MICROSOFT_REGION, "Rectangle");
    if (name.isBlank() || rectangle.isEmpty()) {
      return null; // a person without a place
    }
    String[] parts = rectangle.get().split(",", -1);
    if (parts.length != 4) {
      throw new NumberFormatException("a rectangle has four numbers");
    }
    double width = Double.parseDouble(parts[2]);
    double height = Double.parseDouble(parts[3]);
    return new Region(
        name,
        Double.parseDouble(parts[0]) + width / 2,
        Double.parseDouble(parts[1]) + height / 2,
        width,
        height);
  }

  /** RDF writes a property as an attribute, or as an element. */
  private static Optional<String> property(Element node, String namespace, String name) {
    for (Element at : bearers(node)) {
      if (at.hasAttributeNS(namespace, name)) {
        return Optional.of(at.getAttributeNS(namespace, name));
      }
      Element child = directChild(at, namespace, name);
      if (child != null) {
        return Optional.of(child.getTextContent().strip());
      }
    }
    return Optional.empty();
  }

  private static @Nullable Element child(Element node, String namespace, String name) {
    for (Element at : bearers(node)) {
      Element child = directChild(at, namespace, name);
      if (child != null) {
        return child;
      }
    }
    return null;
  }

  /** What may bear the properties of a node: itself, or a description in it. */
  private static List<Element> bearers(Element node) {
    Element description = directChild(node, RDF, "Description");
    return description == null ? List.of(node) : List.of(node, description);
  }

  private static @Nullable Element directChild(Element node, String namespace, String name) {
    for (Node at = node.getFirstChild(); at != null; at = at.getNextSibling()) {
      if (at instanceof Element element
          && namespace.equals(element.getNamespaceURI())
          && name.equals(element.getLocalName())) {
        return element;
      }
    }
    return null;
  }

  private static final class Reading {
    private final int orientation;
    private final List<Region> regions = new ArrayList<>();
    private @Nullable String fault;

    Reading(int orientation) {
      this.orientation = orientation;
    }

    void items(Element list, Kind kind) {
      for (Node bag = list.getFirstChild(); bag != null; bag = bag.getNextSibling()) {
        for (Node at = bag.getFirstChild(); at != null; at = at.getNextSibling()) {
          if (at instanceof Element item && "li".equals(item.getLocalName())) {
            add(item, kind);
          }
        }
      }
    }

    private void add(Element item, Kind kind) {
      try {
        Region region = kind.read(item);
        if (region == null) {
          return;
        }
        if (regions.size() == MAX_REGIONS) {
          fault = "its XMP data name more than " + MAX_REGIONS + " faces";
        } else if (isShare(region.x)
            && isShare(region.y)
            && isShare(region.width)
            && isShare(region.height)
            && region.width * region.height > 0) {
          regions.add(upright(region, orientation));
          return;
        }
      } catch (NumberFormatException e) {
        // It is told below.
      }
      fault = fault == null ? "its XMP data name a face in no place of it" : fault;
    }

    private static boolean isShare(double value) {
      return value >= 0 && value <= 1;
    }
  }

  /** Regions are of the pixels as they are stored. */
  static Region upright(Region stored, int orientation) {
    double x = ExifOrientation.mirrorsX(orientation) ? 1 - stored.x : stored.x;
    double y = ExifOrientation.mirrorsY(orientation) ? 1 - stored.y : stored.y;
    return orientation > 4
        ? new Region(stored.name, y, x, stored.height, stored.width)
        : new Region(stored.name, x, y, stored.width, stored.height);
  }

  /** The reverse. */
  static Region stored(Region upright, int orientation) {
    boolean turned = orientation > 4;
    double x = turned ? upright.y : upright.x;
    double y = turned ? upright.x : upright.y;
    return new Region(
        upright.name,
        ExifOrientation.mirrorsX(orientation) ? 1 - x : x,
        ExifOrientation.mirrorsY(orientation) ? 1 - y : y,
        turned ? upright.height : upright.width,
        turned ? upright.width : upright.height);
  }

  /**
   * Writes regions as an XMP packet of their own, as a sidecar file holds it.
   *
   * @param upright the regions of the upright photo
   * @param frame of the photo
   * @return XML
   */
  public static String write(List<Region> upright, ImageDecoder.Frame frame) {
    StringBuilder xmp =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                """
                <?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
                <x:xmpmeta xmlns:x="adobe:ns:meta/">
                 <rdf:RDF xmlns:rdf="%s">
                  <rdf:Description rdf:about=""
                    xmlns:mwg-rs="%s"
                    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
                    xmlns:stArea="%s">
                   <mwg-rs:Regions rdf:parseType="Resource">
                    <mwg-rs:AppliedToDimensions
                      stDim:w="%d" stDim:h="%d" stDim:unit="pixel"/>
                    <mwg-rs:RegionList>
                     <rdf:Bag>
                """,
                RDF,
                MWG,
                AREA,
                frame.width(),
                frame.height()));
    for (Region region : upright) {
      Region r = stored(region, frame.orientation());
      xmp.append(
          String.format(
              Locale.ROOT,
              """
                    <rdf:li>
                     <rdf:Description mwg-rs:Name="%s" mwg-rs:Type="Face">
                      <mwg-rs:Area stArea:x="%.6f" stArea:y="%.6f" stArea:w="%.6f" \
              stArea:h="%.6f" stArea:unit="normalized"/>
                     </rdf:Description>
                    </rdf:li>
              """,
              attribute(r.name),
              r.x,
              r.y,
              r.width,
              r.height));
    }
    return xmp.append(
            """
                 </rdf:Bag>
                </mwg-rs:RegionList>
               </mwg-rs:Regions>
              </rdf:Description>
             </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="w"?>
            """)
        .toString();
  }

  /** Names of older galleries may hold anything; what XML cannot hold becomes a question mark. */
  private static String attribute(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\t', '\n', '\r' -> safe.append("&#").append(c).append(';');
                default ->
                    safe.appendCodePoint(
                        c < ' ' || c >= 0xd800 && c <= 0xdfff || c == 0xfffe || c == 0xffff
                            ? '?'
                            : c);
              }
            });
    return safe.toString();
  }
}
