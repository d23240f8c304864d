using System.Security.Cryptography;
using System.Text;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Stores;

namespace AgentKit.Memory.Facts;

/// <summary>Facts, core blocks and tombstones as records of a store; <c>docs/formats.md</c> describes them.</summary>
internal static class FactRecords
{
    public const string FactKind = "fact";
    public const string BlockKind = "block";
    public const string TombstoneKind = "tombstone";
    public const string RunKind = "run";

    /// <summary>What collections of facts are called before the embedder's name.</summary>
    public const string Prefix = "facts_";

    private const string Kind = "kind";
    private const string SlotKey = "slot";
    private const string From = "valid_from";
    private const string To = "valid_to";

    /// <summary>The year 10000, in milliseconds since 1970: still holds.</summary>
    private const double Open = 253_402_300_800_000;

    /// <summary>What all embedders have in common: core memory, and marks of what was forgotten.</summary>
    public static VectorStoreCollectionDefinition Common { get; } = Shape("facts", 0);

    public static VectorStoreCollectionDefinition Shape(FactOptions options) =>
        Shape($"{Prefix}{options.EmbedderName.Replace('-', '_').ToLowerInvariant()}", options.Dimensions);

    public static VectorStoreCollectionDefinition Shape(string name, int dimensions) => new(
        name,
        dimensions,
        new(Kind, VectorStoreFieldType.Keyword),
        new(SlotKey, VectorStoreFieldType.Keyword),
        new(From, VectorStoreFieldType.Number),
        new(To, VectorStoreFieldType.Number),
        new("said", VectorStoreFieldType.Keyword),
        new("recorded", VectorStoreFieldType.Number, IsIndexed: false),
        new("subject", VectorStoreFieldType.Keyword, IsIndexed: false),
        new("predicate", VectorStoreFieldType.Keyword, IsIndexed: false),
        new("value", VectorStoreFieldType.Keyword, IsIndexed: false),
        new("supersedes", VectorStoreFieldType.Keyword, IsIndexed: false),
        new("run", VectorStoreFieldType.Keyword, IsIndexed: false),
        new("call", VectorStoreFieldType.Keyword, IsIndexed: false));

    public static MetadataFilter Of(string kind) => MetadataFilter.Is(Kind, kind);

    /// <summary>Facts that hold at a time.</summary>
    public static MetadataFilter HoldingAt(DateTimeOffset time) => new MetadataFilter.And(
        [Of(FactKind), new MetadataFilter.Range(From, Most: Milliseconds(time)), new MetadataFilter.Range(To, Least: Milliseconds(time) + 1)]);

    public static MetadataFilter WithSlot(FactSlot slot) =>
        new MetadataFilter.And([Of(FactKind), MetadataFilter.Is(SlotKey, Hash(slot.Key))]);

    public static MetadataFilter Saying(string text) => new MetadataFilter.And([Of(FactKind), MetadataFilter.Is("said", Said(text))]);

    /// <summary>The id of what an episode has told, always the same.</summary>
    public static string Id(string episode) => $"f{Hash(episode)}";

    public static VectorStoreRecord Write(Fact fact, ReadOnlyMemory<float> vector)
    {
        var data = new Dictionary<string, object>
        {
            [Kind] = FactKind, [From] = Milliseconds(fact.ValidFrom), [To] = fact.ValidTo is { } to ? Milliseconds(to) : Open,
            ["recorded"] = Milliseconds(fact.Recorded), ["said"] = Said(fact.Text),
        };
        if (fact.Slot is { } slot)
            (data[SlotKey], data["subject"], data["predicate"], data["value"]) = (Hash(slot.Key), slot.Subject, slot.Predicate, slot.Value);
        if (fact.Supersedes is { } before) data["supersedes"] = before;
        if (fact.Origin is { } origin) data["run"] = origin.RunId;
        if (fact.Origin?.CallKey is { } call) data["call"] = call;
        return new VectorStoreRecord { Key = fact.Id, Text = fact.Text, Vector = vector, Data = data };
    }

    public static Fact Read(VectorStoreRecord record)
    {
        double to = record.Number(To)!.Value;
        return new Fact
        {
            Id = record.Key,
            Text = record.Text,
            Slot = record.Keyword("predicate") is { } predicate ? new FactSlot(record.Keyword("subject")!, predicate, record.Keyword("value")!) : null,
            ValidFrom = Time(record.Number(From)!.Value),
            ValidTo = to < Open ? Time(to) : null,
            Recorded = Time(record.Number("recorded")!.Value),
            Supersedes = record.Keyword("supersedes"),
            Origin = record.Keyword("run") is { } run ? new FactOrigin(run, record.Keyword("call")) : null,
        };
    }

    /// <summary>A record that is no fact: its text is not searched for, its vector is near to nothing.</summary>
    public static VectorStoreRecord Other(string kind, string key, string text, int dimensions, DateTimeOffset now) => new()
    {
        Key = key, Text = text, Vector = new float[dimensions], Data = new Dictionary<string, object> { [Kind] = kind, ["recorded"] = Milliseconds(now) },
    };

    /// <summary>The key of the mark that a text was forgotten.</summary>
    public static string ForgottenKey(string text) => $"forgotten:{Said(text)}";

    /// <summary>When a record was written.</summary>
    public static DateTimeOffset RecordedAt(VectorStoreRecord record) => Time(record.Number("recorded")!.Value);

    public static bool Is(VectorStoreRecord record, string kind) => record.Keyword(Kind) == kind;

    /// <summary>A time as it is stored, in whole milliseconds.</summary>
    public static DateTimeOffset Rounded(DateTimeOffset time) => Time(Milliseconds(time));

    /// <summary>The same for texts that differ in case, blanks and the final full stop only.</summary>
    private static string Said(string text) =>
        Hash(string.Join(' ', text.Trim().TrimEnd('.', '!').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant());

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));

    private static double Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(double milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds);
}
