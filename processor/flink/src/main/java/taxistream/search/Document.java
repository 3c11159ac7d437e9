package taxistream.search;

import java.io.Serializable;

/**
 * One document on its way to an index. Its id is a function of its content and its version grows with it, so that
 * writing it twice, late or out of order leaves the newest. Mirrors internal/opensearch/document.go.
 */
public class Document implements Serializable {
    private static final long serialVersionUID = 1;

    public String index;
    public String id;
    public long version;
    public byte[] source;
    /** The document's own timestamp, ms: that of the reject which stands for it where it cannot be written. */
    public long timestamp;

    public Document() {}

    public Document(String index, String id, long version, byte[] source, long timestamp) {
        this.index = index;
        this.id = id;
        this.version = version;
        this.source = source;
        this.timestamp = timestamp;
    }
}
