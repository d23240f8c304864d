using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Gguf;

public class GgufFileTests
{
    private static readonly byte[] Model = TestModel.CreateBytes();

    [Fact]
    public void Read_WrittenFile_ReturnsEveryValueAndTensor()
    {
        var floats = Enumerable.Range(0, 64).Select(i => i - 31.5f).ToArray();
        using var stream = new MemoryStream();
        new GgufWriter { Alignment = 64 }.Set("text", "é😀").Set("u32", 7u).Set("i32", -7).Set("u64", ulong.MaxValue).Set("i64", long.MinValue).Set("u16", (ushort)3)
            .Set("f32", 0.1f).Set("f64", 0.1).Set("yes", true).Set("texts", GgufValue.Array(["a", "", "ß"])).Set("ints", GgufValue.Array([1, -2]))
            .Set("none", GgufValue.Array(Array.Empty<string>())).Set("floats", GgufValue.Array([0.5f]))
            .Add("a", GgmlType.F32, [8, 8], floats).AddRaw("b", GgmlType.Q4_K, [256], new byte[144]).Write(stream);
        stream.Position = 0;

        var file = GgufFile.Read(stream, "x.gguf");

        Assert.Equal(3u, file.Version);
        Assert.Equal(64u, file.Alignment);
        Assert.Equal("é😀", file.FindString("text"));
        Assert.Equal((7L, -7L, long.MinValue, 3L), (file.FindInteger("u32"), file.FindInteger("i32"), file.FindInteger("i64"), file.FindInteger("u16")));
        Assert.Equal(((double)0.1f, 0.1, 1.8446744073709552e19), (file.FindNumber("f32"), file.FindNumber("f64"), file.FindNumber("u64")));
        Assert.True(file.FindBool("yes"));
        Assert.Equal(["a", "", "ß"], file.Metadata["texts"].AsStrings());
        Assert.Equal([1, -2], file.Metadata["ints"].AsIntegers());
        Assert.Equal([0.5], file.Metadata["floats"].AsNumbers());
        Assert.Empty(file.Metadata["none"].AsStrings());
        Assert.Null(file.FindString("absent"));
        Assert.Null(file.FindInteger("absent"));
        Assert.Equal(["a", "b"], file.Tensors.Select(t => t.Name));
        Assert.Equal((64L, 256L, 0L), (file.FindTensor("a")!.Elements, file.FindTensor("a")!.Bytes, file.FindTensor("a")!.Offset));
        Assert.Equal((256L, 144L, 256L), (file.FindTensor("b")!.Elements, file.FindTensor("b")!.Bytes, file.FindTensor("b")!.Offset));
        Assert.Equal(0, file.DataOffset % 64);
    }

    [Theory]
    [InlineData(GgmlType.F32, 0)]
    [InlineData(GgmlType.F16, 0.0005)]
    [InlineData(GgmlType.BF16, 0.004)]
    [InlineData(GgmlType.Q8_0, 0.008)]
    public void ReadFloats_StoredAsType_ComesBackWithinItsPrecision(GgmlType type, double relativeToLargest)
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 96 * 1000).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray();
        string path = Path.Combine(Directory.CreateTempSubdirectory("agentkit-gguf").FullName, "floats.gguf");
        new GgufWriter().Add("pad", GgmlType.F32, [3], new float[3]).Add("x", type, [96, 1000], values).Write(path);

        var file = GgufFile.Open(path);
        var read = file.ReadFloats(file.FindTensor("x")!);

        Assert.Equal(values.Length, read.Length);
        Assert.All(values.Zip(read), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, relativeToLargest));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Write_ProducerFails_LeavesOldFileAndNoRest()
    {
        var folder = Directory.CreateTempSubdirectory("agentkit-gguf");
        string path = Path.Combine(folder.FullName, "model.gguf");
        File.WriteAllText(path, "old");
        var writer = new GgufWriter().AddStreamed("x", GgmlType.F32, [4], stream => stream.Write(new byte[15]));

        var error = Assert.Throws<InvalidOperationException>(() => writer.Write(path));

        Assert.Contains("16 bytes, but 15", error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(folder.GetFiles());
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Add_WrongShapeOrName_Throws()
    {
        var writer = new GgufWriter().Add("x", GgmlType.F32, [2], new float[2]);
        Assert.Throws<ArgumentException>(() => writer.Add("x", GgmlType.F32, [2], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", GgmlType.Q8_0, [31], new float[31]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", GgmlType.Q4_K, [256], new float[256]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", GgmlType.F32, [0], new float[0]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", GgmlType.F32, [3], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add(new string('n', 64), GgmlType.F32, [2], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Set("general.alignment", 32u));
    }

    [Fact]
    public void Open_MissingFile_NamesThePath()
    {
        var error = Assert.Throws<UserInputException>(() => GgufFile.Open("no/such/model.gguf"));
        Assert.Equal("no/such/model.gguf", error.Field);
    }

    [Fact]
    public void Find_WrongType_NamesTheKey()
    {
        var file = GgufFile.Read(new MemoryStream(Model), "x.gguf");
        Assert.Equal("llama.block_count", Assert.Throws<UserInputException>(() => file.FindString("llama.block_count")).Field);
        Assert.Equal("general.name", Assert.Throws<UserInputException>(() => file.FindInteger("general.name")).Field);
    }

    public static TheoryData<string, string, Action<object>> Faults
    {
        get
        {
            var faults = new TheoryData<string, string, Action<object>>();
            void Add(string place, string message, Action<RawGguf> damage) => faults.Add(place, message, raw => damage((RawGguf)raw));
            Add("magic", "not a GGUF file", f => f.Magic = "GGML"u8.ToArray());
            Add("version", "is 1; versions 2 and 3", f => f.Version = 1);
            Add("version", "big-endian", f => f.Version = 0x03000000);
            Add("tensor_count", "at most", f => f.TensorCount = ulong.MaxValue);
            Add("metadata_kv_count", "at most", f => f.EntryCount = 1UL << 40);
            Add("metadata[1] \"general.architecture\"", "occurs twice", f => f.Entries[1].Key = "general.architecture");
            Add("metadata[0].key", "empty", f => f.Entries[0].Key = "");
            Add("metadata[0].key", "control characters", f => f.Entries[0].Key = "a\0b");
            Add("metadata[0] \"general.architecture\".type", "is 99; 0 to 12", f => f.Entries[0].Type = 99);
            Add("metadata[0] \"general.architecture\"", "cut off or damaged", f => (f.Entries[0].BadLengthAt, f.Entries[0].BadLength) = (0, 1UL << 50));
            Add("metadata[18] \"tokenizer.ggml.tokens\".length", "too few", f => f.Find("tokenizer.ggml.tokens")!.Count = 1 << 23);
            Add("metadata[18] \"tokenizer.ggml.tokens\"", "array of arrays", f => f.Find("tokenizer.ggml.tokens")!.ElementType = 9);
            Add("general.alignment", "power of two", f => f.Set("general.alignment", 48u));
            Add("general.alignment", "must be a u32", f => f.Set("general.alignment", "32"));
            Add("tensors[1] \"token_embd.weight\".name", "also the name of tensors[0]", f => f.Tensors[1].Name = "token_embd.weight");
            Add("tensors[0].name.length", "at most 63", f => f.Tensors[0].Name = new string('n', 64));
            Add("tensors[0] \"token_embd.weight\".n_dims", "1 to 4", f => f.Tensors[0].DimCount = 5);
            Add("tensors[0] \"token_embd.weight\".dims[1]", "is 0", f => f.Tensors[0].Dims[1] = 0);
            Add("tensors[0] \"token_embd.weight\".dims[1]", "overflows", f => f.Tensors[0].Dims[1] = long.MaxValue);
            Add("tensors[0] \"token_embd.weight\".type", "is 4, which is no ggml tensor type", f => f.Tensors[0].Type = 4);
            Add("tensors[0] \"token_embd.weight\".dims[0]", "blocks of 256", f => f.Tensors[0].Type = (uint)GgmlType.Q4_K);
            Add("tensors[1] \"output.weight\".offset", "multiple of the alignment", f => f.Tensors[1].Offset += 17);
            Add("tensors[1] \"output.weight\".offset", "inside tensor \"token_embd.weight\"", f => f.Tensors[1].Offset -= 32);
            Add("tensors[1] \"output.weight\".offset", "beyond the end", f => f.Tensors[1].Offset = 1UL << 60);
            Add("tensors[1] \"output.weight\".offset", "after the end of the file", f => f.Tensors[1].Dims[1] = 1 << 20);
            return faults;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Read_DamagedContainer_NamesThePlace(string field, string message, Action<object> damage)
    {
        var raw = RawGguf.Parse(Model);
        damage(raw);

        var error = Assert.Throws<UserInputException>(() => GgufFile.Read(new MemoryStream(raw.ToBytes()), "folder/bad.gguf"));

        Assert.Equal(field, error.Field);
        Assert.Contains(message, error.Message);
        Assert.StartsWith("bad.gguf: ", error.Message);
    }

    [Fact]
    public void Read_AnyTruncation_Throws()
    {
        var file = GgufFile.Read(new MemoryStream(Model), "x.gguf");
        for (long length = 0; length < file.DataOffset; length += 97)
            Assert.Throws<UserInputException>(() => GgufFile.Read(new MemoryStream(Model[..(int)length]), "x.gguf"));
        Assert.Throws<UserInputException>(() => GgufFile.Read(new MemoryStream(Model[..^1]), "x.gguf"));
    }

    [Fact]
    public void Read_Version2_IsTheSame()
    {
        var raw = RawGguf.Parse(Model);
        raw.Version = 2;
        var file = GgufFile.Read(new MemoryStream(raw.ToBytes()), "x.gguf");
        Assert.Equal(2u, file.Version);
        Assert.Equal(raw.Tensors.Count, file.Tensors.Count);
    }
}
