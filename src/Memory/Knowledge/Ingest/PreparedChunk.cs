namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>A chunk in the form in which it is stored; text and terms are UTF-8.</summary>
internal sealed record PreparedChunk(
    int Start, int End, string Heading, int? Page, byte[] Hash, byte[] Text, byte[] HeadingTerms, byte[] Terms);
