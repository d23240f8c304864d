using System.Text;

namespace AgentKit.Models.Gguf;

/// <summary>
/// The tokenizer's tables. llama.cpp aborts on doubled tokens and on a special token that is switched on but not there, and throws across the
/// C interface where a byte has no token; damaged tables which it would read silently are refused as well.
/// </summary>
internal static class VocabularyCheck
{
    private const int MaxTokenBytes = 1 << 16;

    private const string TokensKey = "tokenizer.ggml.tokens", MergesKey = "tokenizer.ggml.merges";

    internal static readonly string[] SpecialIds =
    [
        "bos", "eos", "eot", "eom", "unknown", "seperator", "padding", "mask", "cls", "fim_pre", "fim_suf", "fim_mid", "fim_pad", "fim_rep", "fim_sep",
        "prefix", "suffix", "middle",
    ];

    /// <summary>Pre-tokenizers of llama.cpp v0.5.0; any other name fails to load.</summary>
    private static readonly HashSet<string> PreTokenizers =
    [
        .. ("a.x-4.0 afmoe bailingmoe bailingmoe2 bloom chameleon chatglm-bpe codeshell cohere2moe command-r dbrx deepseek-coder deepseek-llm " +
            "deepseek-r1-qwen deepseek-v3 default exaone exaone-moe exaone4 f2llmv2 falcon falcon-h1 falcon3 gemma4 gigachat glm4 gpt-2 gpt-4o " +
            "gpt3-finnish granite-docling granite-embed-multi-311m granite-embed-multi-97m grok-2 hunyuan hunyuan-dense hy_v4 jais jais-2 jina-de " +
            "jina-es jina-v1-en jina-v2-code jina-v2-de jina-v2-es jina-v5-nano joyai-llm kanana2 kimi-k2 kormo laguna lfm2 llada-moe llama-bpe " +
            "llama-v3 llama3 llama4 megrez mellum mellum2 midm-2.0 minerva-7b minicpm5 minimax-m2 modern-bert mpt olmo phi-2 pixtral poro-chat " +
            "qwen2 qwen35 refact roberta-bpe sarvam-moe seed-coder smaug-bpe smollm solar-open spark2_5 stablelm2 starcoder superbpe talkie tekken " +
            "tiny_aya trillion ufakzeka viking whitespace youtu").Split(' '),
    ];

    /// <summary>Pre-tokenizers which begin a text with BOS unless the file says otherwise.</summary>
    private static readonly HashSet<string> AddsBos =
        ["llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano", "tekken", "chameleon"];

    /// <summary>The number of tokens.</summary>
    internal static int Verify(ModelMetadata model)
    {
        string tokenizer = CheckNames(model);
        var tokens = CheckTokens(model);
        CheckTables(model, tokens.Count);
        if (tokenizer is "gpt2" or "gemma4" or "hybriddna" or "whitespace") CheckMerges(model);
        foreach (string name in SpecialIds) CheckSpecial(model, name, tokens.Count);
        CheckAddedTokens(model, tokenizer, tokens.Count);
        CheckByteTokens(model, tokenizer, tokens);
        if (tokenizer == "t5") CharacterMapCheck.Verify(model);
        return tokens.Count;
    }

    private static string CheckNames(ModelMetadata model)
    {
        const string key = "tokenizer.ggml.model", preKey = "tokenizer.ggml.pre";
        string tokenizer = model.Text(key) ?? throw model.Fault(key, "is missing; the file has no tokenizer.");
        if (tokenizer is not ("llama" or "gpt2" or "gemma4" or "bert" or "t5" or "rwkv" or "plamo2" or "hybriddna" or "whitespace"))
            throw model.Fault(key, $"is \"{tokenizer}\"; llama, gpt2, gemma4, bert, t5, rwkv, plamo2, hybriddna and whitespace are known.");
        if (model.Text(preKey) is not { Length: > 0 } pre) return tokenizer;
        if (tokenizer is "gpt2" or "hybriddna" or "whitespace" && !PreTokenizers.Contains(pre))
            throw model.Fault(preKey, $"is \"{pre}\", which llama.cpp v0.5.0 does not know.");
        // This pre-tokenizer leaves spaces in the text, which only the tokenizer of the same name takes out.
        if (pre == "whitespace" && tokenizer is "gpt2" or "hybriddna")
            throw model.Fault(preKey, $"is \"whitespace\", which goes with tokenizer.ggml.model \"whitespace\", not \"{tokenizer}\".");
        return tokenizer;
    }

    /// <summary>The tokens by text as llama.cpp stores them: cut at a NUL byte, empty ones replaced by a name made from their number.</summary>
    private static Dictionary<string, int> CheckTokens(ModelMetadata model)
    {
        var value = model.FindArray(TokensKey, GgufValueType.String) ?? throw model.Fault(TokensKey, "is missing; the file has no vocabulary.");
        if (value.Count == 0) throw model.Fault(TokensKey, "is empty; the file has no vocabulary.");
        var tokens = new Dictionary<string, int>(value.Count);
        for (int i = 0; i < value.Count; i++)
        {
            var bytes = value.Utf8(i);
            if (bytes.Length > MaxTokenBytes) throw model.Fault($"{TokensKey}[{i}]", $"has {bytes.Length} bytes; at most {MaxTokenBytes} are allowed.");
            int end = bytes.IndexOf((byte)0);
            // Latin-1 keeps every byte apart, valid UTF-8 or not.
            string text = Encoding.Latin1.GetString(end < 0 ? bytes : bytes[..end]);
            if (text.Length == 0) text = $"[EMPTY_{i}]";
            if (!tokens.TryAdd(text, i))
                throw model.Fault($"{TokensKey}[{i}]", $"is \"{Encoding.UTF8.GetString(bytes)}\", the same as token {tokens[text]}; every token must be different.");
        }
        return tokens;
    }

    private static void CheckTables(ModelMetadata model, int tokens)
    {
        const string scoresKey = "tokenizer.ggml.scores", typesKey = "tokenizer.ggml.token_type";
        if (model.FindArray(scoresKey, GgufValueType.Float32, GgufValueType.Int32) is { } scores)
        {
            if (scores.Count != tokens) throw model.Fault(scoresKey, $"has {scores.Count} elements; there are {tokens} tokens.");
            int bad = Array.FindIndex(scores.AsNumbers(), s => !double.IsFinite(s));
            if (bad >= 0) throw model.Fault($"{scoresKey}[{bad}]", "is not a finite number.");
        }
        if (model.FindArray(typesKey, GgufValueType.Int32) is { } types)
        {
            if (types.Count != tokens) throw model.Fault(typesKey, $"has {types.Count} elements; there are {tokens} tokens.");
            var numbers = types.AsIntegers();
            int bad = Array.FindIndex(numbers, t => t is < 0 or > 6);
            if (bad >= 0) throw model.Fault($"{typesKey}[{bad}]", $"is {numbers[bad]}; 0 to 6 are known.");
        }
        model.UInt32("tokenizer.ggml.token_type_count", 0, 1 << 16);
        model.FindArray("tokenizer.ggml.suppress_tokens", GgufValueType.Int32);
        foreach (string flag in (ReadOnlySpan<string>)["add_space_prefix", "remove_extra_whitespaces", "add_sep_token", "normalizer.lowercase", "normalizer.strip_accents"])
            model.Bool("tokenizer.ggml." + flag);
    }

    private static void CheckMerges(ModelMetadata model)
    {
        var merges = model.FindArray(MergesKey, GgufValueType.String);
        if (merges is null && model.Text("tokenizer.ggml.pre") != "kimi-k2") throw model.Fault(MergesKey, "is missing; a byte-pair tokenizer needs it.");
        for (int i = 0; i < merges?.Count; i++)
        {
            var merge = merges.Utf8(i);
            int space = merge.Length < 3 ? -1 : merge[1..].IndexOf((byte)' ');
            if (space < 0 || space + 2 >= merge.Length)
                throw model.Fault($"{MergesKey}[{i}]", $"is \"{Encoding.UTF8.GetString(merge)}\"; two parts with a space between them are needed.");
        }
    }

    private static void CheckSpecial(ModelMetadata model, string name, int tokens)
    {
        string key = $"tokenizer.ggml.{name}_token_id";
        if (model.UInt32(key) is { } id && id >= tokens) throw model.Fault(key, $"is {id}; there are {tokens} tokens, so 0 to {tokens - 1} is allowed.");
    }

    /// <summary>A token which the tokenizer puts before or after every text must exist.</summary>
    private static void CheckAddedTokens(ModelMetadata model, string tokenizer, int tokens)
    {
        string pre = tokenizer == "gemma4" ? "gemma4" : model.Text("tokenizer.ggml.pre") ?? "";
        bool bytePairs = tokenizer is "gpt2" or "gemma4" or "hybriddna" or "whitespace";
        bool addBos = model.Bool("tokenizer.ggml.add_bos_token") ?? (tokenizer is "llama" or "bert" || (bytePairs && AddsBos.Contains(pre)));
        // llama.cpp overrides what the file says for this pre-tokenizer.
        addBos |= bytePairs && pre is "gemma4" or "granite-embed-multi-311m";
        bool addEos = model.Bool("tokenizer.ggml.add_eos_token") ?? tokenizer == "t5";
        var (bos, eos) = tokenizer switch
        {
            "llama" or "plamo2" => (1, 2),
            "bert" => (101, -1),
            "gpt2" or "hybriddna" or "whitespace" => (pre is "glm4" or "chatglm-bpe" ? -1 : 11, 11),
            "t5" => (-1, 1),
            _ => (-1, -1),
        };
        if (addBos || tokenizer == "bert") Need(model, "bos", bos, tokens);
        if (addEos) Need(model, "eos", eos, tokens);
        if (tokenizer == "bert") Need(model, "seperator", 102, tokens);
    }

    private static void Need(ModelMetadata model, string name, int assumed, int tokens)
    {
        string key = $"tokenizer.ggml.{name}_token_id";
        if (model.UInt32(key) is null && (assumed < 0 || assumed >= tokens))
            throw model.Fault(key, "is missing, but the tokenizer adds this token to every text.");
    }

    /// <summary>SentencePiece tokenizers fall back to single bytes; RWKV's greedy match never ends on a text that begins no token.</summary>
    private static void CheckByteTokens(ModelMetadata model, string tokenizer, Dictionary<string, int> tokens)
    {
        if (tokenizer is not ("llama" or "rwkv")) return;
        var single = tokenizer == "rwkv" ? tokens.Keys.Select(RwkvToken.Unescape).Where(t => t.Length == 1).Select(t => t[0]).ToHashSet() : [];
        for (int b = 0; b < 256; b++)
        {
            bool found = tokenizer == "llama" ? tokens.ContainsKey($"<0x{b:X2}>") || tokens.ContainsKey(((char)b).ToString()) : single.Contains((byte)b);
            if (!found) throw model.Fault(TokensKey, $"has no token for the byte 0x{b:X2}; a text with this byte could not be tokenized.");
        }
    }
}
