using System.Buffers;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Native;

namespace AgentKit.Models;

/// <summary>The model's own tokenizer. Safe for concurrent use.</summary>
public sealed unsafe class Tokenizer
{
    // llama_token_attr of llama.cpp.
    private const int Control = 1 << 3;
    private const int UserDefined = 1 << 4;

    private readonly ModelHandle _model;
    private readonly nint _vocab;
    private readonly bool _cutLongRuns;
    private readonly Lazy<byte[][]> _pieces;
    private readonly Lazy<SpecialTokens> _special;

    internal Tokenizer(ModelHandle model, bool cutLongRuns = false)
    {
        _cutLongRuns = cutLongRuns;
        _model = model;
        _vocab = LlamaApi.ModelGetVocab(model);
        VocabularySize = LlamaApi.VocabSize(_vocab);
        Bos = LlamaApi.VocabBos(_vocab);
        Eos = LlamaApi.VocabEos(_vocab);
        AddsBos = LlamaApi.VocabAddsBos(_vocab);
        AddsEos = LlamaApi.VocabAddsEos(_vocab);
        Separator = LlamaApi.VocabAddsSep(_vocab) ? LlamaApi.VocabSep(_vocab) : -1;
        _pieces = new(ReadPieces);
        _special = new(ReadSpecialTokens);
    }

    /// <summary>Number of tokens.</summary>
    public int VocabularySize { get; }

    /// <summary>The token that begins a text; -1 when the model has none.</summary>
    public int Bos { get; }

    /// <summary>The token that ends a text; -1 when the model has none.</summary>
    public int Eos { get; }

    /// <summary>Whether the model expects <see cref="Bos"/> before a text.</summary>
    public bool AddsBos { get; }

    internal bool AddsEos { get; }

    /// <summary>The token between the two texts of a pair; -1 when the model puts none there.</summary>
    internal int Separator { get; }

    /// <summary>Texts of the control tokens, which only a template may write, and the tokens themselves.</summary>
    internal SpecialTokens Special => _special.Value;

    /// <summary>Turns a text into tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecial">Whether to add the model's begin and end tokens where it expects them.</param>
    /// <param name="parseSpecial">Whether control tokens written in the text, such as <c>&lt;|im_start|&gt;</c>, count as such. Never for text of unknown origin.</param>
    /// <exception cref="UserInputException">The text is longer than 1 GiB.</exception>
    public int[] Encode(string text, bool addSpecial = false, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!_cutLongRuns)
        {
            return EncodePiece(text, addSpecial, parseSpecial);
        }

        string[] pieces = [.. LongRuns.Cut(text)];
        if (pieces is [string whole])
        {
            return EncodePiece(whole, addSpecial, parseSpecial);
        }

        IEnumerable<int> tokens = pieces.SelectMany(piece => EncodePiece(piece, addSpecial: false, parseSpecial));
        return [.. addSpecial && AddsBos ? [Bos] : (int[])[], .. tokens, .. addSpecial && AddsEos ? [Eos] : (int[])[]];
    }

    private int[] EncodePiece(string text, bool addSpecial, bool parseSpecial)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        if (length > 1 << 30)
        {
            throw new UserInputException("text", $"The text has {length:N0} bytes; at most {1 << 30:N0} can be tokenized at once.");
        }

        byte[] utf8 = ArrayPool<byte>.Shared.Rent(length + 1);
        int[] tokens = ArrayPool<int>.Shared.Rent(length + 2);
        try
        {
            Encoding.UTF8.GetBytes(text, utf8);
            using var alive = new HandleLease(_model);
            fixed (byte* source = utf8)
            fixed (int* target = tokens)
            {
                // A token covers at least one byte, and at most two special tokens are added: the buffer always suffices.
                int count = LlamaApi.Tokenize(_vocab, source, length, target, tokens.Length, addSpecial, parseSpecial);
                return count >= 0
                    ? tokens.AsSpan(0, count).ToArray()
                    : throw new NativeRuntimeException($"llama.cpp could not tokenize the text. {NativeLog.TakeComplaints()}");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
            ArrayPool<int>.Shared.Return(tokens);
        }
    }

    /// <summary>Turns tokens into text; control tokens are written out. Bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        using MemoryStream bytes = new();
        foreach (int token in tokens)
        {
            bytes.Write(Piece(token).Span);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>The bytes a token stands for; part of a character at times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The token is not in the vocabulary.</exception>
    public ReadOnlyMemory<byte> Piece(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, VocabularySize);
        return _pieces.Value[token];
    }

    /// <summary>Whether a token ends the model's turn.</summary>
    public bool IsEndOfGeneration(int token) => Special.EndOfGeneration.Contains(token);

    private byte[][] ReadPieces()
    {
        using var alive = new HandleLease(_model);
        byte[][] pieces = new byte[VocabularySize][];
        byte[] buffer = new byte[256];
        for (int token = 0; token < pieces.Length; token++)
        {
            int length = ReadPiece(token, buffer);
            if (length < 0)
            {
                buffer = new byte[-length];
                length = ReadPiece(token, buffer);
            }

            pieces[token] = buffer.AsSpan(0, length).ToArray();
        }

        return pieces;
    }

    private int ReadPiece(int token, byte[] buffer)
    {
        fixed (byte* target = buffer)
        {
            return LlamaApi.TokenToPiece(_vocab, token, target, buffer.Length, leftStrip: 0, special: true);
        }
    }

    private SpecialTokens ReadSpecialTokens()
    {
        using var alive = new HandleLease(_model);
        Dictionary<string, int> control = new(StringComparer.Ordinal);
        HashSet<int> hidden = [];
        HashSet<int> ends = [];
        for (int token = 0; token < VocabularySize; token++)
        {
            int attributes = LlamaApi.VocabAttributes(_vocab, token);
            if ((attributes & Control) != 0)
            {
                hidden.Add(token);
            }

            if ((attributes & (Control | UserDefined)) != 0 && Piece(token).Length > 0)
            {
                control.TryAdd(Encoding.UTF8.GetString(Piece(token).Span), token);
            }

            if (LlamaApi.VocabIsEndOfGeneration(_vocab, token))
            {
                ends.Add(token);
            }
        }

        return new(control, hidden, ends);
    }
}
