namespace AgentKit.Memory.Knowledge.Terms;

/// <summary>
/// Porter 1980, <i>An algorithm for suffix stripping</i>: English words to stems, step by step as published. Works in place on lower-case
/// ASCII letters; a stem is never longer than its word.
/// </summary>
internal ref struct PorterStemmer
{
    private static readonly (string Suffix, string Stem)[] Step2 =
    [
        ("ational", "ate"), ("ization", "ize"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("tional", "tion"), ("biliti", "ble"),
        ("entli", "ent"), ("ousli", "ous"), ("ation", "ate"), ("alism", "al"), ("aliti", "al"), ("iviti", "ive"), ("enci", "ence"),
        ("anci", "ance"), ("izer", "ize"), ("abli", "able"), ("alli", "al"), ("ator", "ate"), ("eli", "e"),
    ];

    private static readonly (string Suffix, string Stem)[] Step3 =
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", "")];

    private static readonly string[] Step4 =
    [
        "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ion", "ism", "ate", "iti", "ous", "ive", "ize", "al", "er", "ic", "ou",
    ];

    private readonly Span<char> _word;
    private int _length;

    private PorterStemmer(Span<char> word)
    {
        _word = word;
        _length = word.Length;
    }

    /// <summary>Stems a word in place.</summary>
    /// <returns>The length of its stem.</returns>
    public static int Stem(Span<char> word)
    {
        if (word.Length <= 2) return word.Length;
        var stemmer = new PorterStemmer(word);
        stemmer.RemovePlural();
        stemmer.RemovePastAndProgressive();
        if (stemmer.Ends("y") && stemmer.HasVowel(stemmer._length - 1)) word[stemmer._length - 1] = 'i';
        stemmer.ReplaceFirst(Step2);
        stemmer.ReplaceFirst(Step3);
        stemmer.RemoveSuffix();
        stemmer.RemoveFinal();
        return stemmer._length;
    }

    private void RemovePlural()
    {
        if (Ends("sses") || Ends("ies")) _length -= 2;
        else if (Ends("s") && !Ends("ss")) _length--;
    }

    private void RemovePastAndProgressive()
    {
        if (Ends("eed"))
        {
            if (Measure(_length - 3) > 0) _length--;
            return;
        }

        int ending = Ends("ed") ? 2 : Ends("ing") ? 3 : 0;
        if (ending == 0 || !HasVowel(_length - ending)) return;
        _length -= ending;
        if (Ends("at") || Ends("bl") || Ends("iz")) Append('e');
        else if (EndsWithDoubleConsonant() && _word[_length - 1] is not ('l' or 's' or 'z')) _length--;
        else if (Measure(_length) == 1 && EndsShort(_length)) Append('e');
    }

    private void ReplaceFirst((string Suffix, string Stem)[] rules)
    {
        foreach ((string suffix, string stem) in rules)
        {
            if (!Ends(suffix)) continue;
            int left = _length - suffix.Length;
            if (Measure(left) == 0) return;
            stem.CopyTo(_word[left..]);
            _length = left + stem.Length;
            return;
        }
    }

    private void RemoveSuffix()
    {
        foreach (string suffix in Step4)
        {
            if (!Ends(suffix)) continue;
            int left = _length - suffix.Length;
            bool allowed = suffix != "ion" || (left > 0 && _word[left - 1] is 's' or 't');
            if (allowed && Measure(left) > 1) _length = left;
            return;
        }
    }

    private void RemoveFinal()
    {
        if (Ends("e"))
        {
            int measure = Measure(_length - 1);
            if (measure > 1 || (measure == 1 && !EndsShort(_length - 1))) _length--;
        }

        if (_word[_length - 1] == 'l' && EndsWithDoubleConsonant() && Measure(_length) > 1) _length--;
    }

    private void Append(char c) => _word[_length++] = c;

    private readonly bool Ends(string suffix) => _word[.._length].EndsWith(suffix);

    private readonly bool IsConsonant(int at) => _word[at] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => at == 0 || !IsConsonant(at - 1),
        _ => true,
    };

    private readonly bool HasVowel(int end)
    {
        for (int i = 0; i < end; i++)
        {
            if (!IsConsonant(i)) return true;
        }

        return false;
    }

    /// <summary>How often a consonant follows a vowel: m of the paper.</summary>
    private readonly int Measure(int end)
    {
        int count = 0;
        bool vowel = false;
        for (int i = 0; i < end; i++)
        {
            bool consonant = IsConsonant(i);
            if (consonant && vowel) count++;
            vowel = !consonant;
        }

        return count;
    }

    private readonly bool EndsWithDoubleConsonant() =>
        _length >= 2 && _word[_length - 1] == _word[_length - 2] && IsConsonant(_length - 1);

    /// <summary>Consonant, vowel, consonant other than w, x, y: *o of the paper.</summary>
    private readonly bool EndsShort(int end) =>
        end >= 3 && IsConsonant(end - 1) && !IsConsonant(end - 2) && IsConsonant(end - 3) && _word[end - 1] is not ('w' or 'x' or 'y');
}
